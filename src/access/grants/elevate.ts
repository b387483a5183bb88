import { sql } from "kysely";
import { z } from "zod";
import { command } from "../../door/command.ts";
import { Refusal } from "../../door/refusal.ts";
import { CaseNumber } from "../../platform/case-number.ts";
import { justInTimeHours } from "../params.ts";
import { sealReason } from "../reasons.ts";
import { lockPerson, Reason } from "../staff/people.ts";
import { keepStaticDuties, syncDuties } from "./duties.ts";
import { together } from "../../platform/together.ts";

/**
 * Takes a role for some hours that the person was made eligible for, with a reason. It ends in the query that reads
 * grants, not in a job.
 */
export const elevate = command({
  name: "access.elevate",
  input: together(
    z.strictObject({
      role: z
        .string()
        .regex(/^[a-z][a-z_]*$/)
        .max(60),
      hours: z.int().min(1).max(8),
      reason: Reason,
      incident: CaseNumber.optional(),
    }),
    "hours is just_in_time_hours at most",
  ),
  crud: "c",
  severity: 3,
  async run({ tx, vault, actor, input, access, params, record, newId }) {
    if (input.hours > params(justInTimeHours))
      throw new Refusal("invalid", "invalid", {
        issues: [{ path: "hours", code: "too_big.number", values: { maximum: params(justInTimeHours) } }],
      });
    const policy = await access.rules(tx);
    await lockPerson(tx, actor.id);
    const eligible = await tx
      .selectFrom("access.role_grant")
      .select("id")
      .where("person_id", "=", actor.id)
      .where("role", "=", input.role)
      .where("kind", "=", "eligible")
      .where("revoked_at", "is", null)
      .executeTakeFirst();
    if (eligible === undefined || policy.roles.get(input.role)?.just_in_time !== true)
      throw new Refusal("denied", "not_eligible");
    if (actor.roles.includes(input.role)) throw new Refusal("conflict", "role_held");
    await syncDuties(tx, policy);
    await keepStaticDuties(tx, policy, actor.id, input.role);
    // the database's clock ends it, so the database's clock begins it
    const { expires_at: expiresAt } = await tx
      .insertInto("access.role_grant")
      .values({
        id: newId(),
        person_id: actor.id,
        role: input.role,
        kind: "just_in_time",
        reason: await sealReason(tx, vault, input.reason),
        incident: input.incident ?? null,
        granted_by: actor.id,
        granted_at: sql<Date>`now()`,
        expires_at: sql<Date>`now() + make_interval(hours => ${input.hours})`,
      })
      .returning("expires_at")
      .executeTakeFirstOrThrow();
    record.target({ type: "staff", id: actor.id, label: actor.display });
    record.change("role", null, input.role);
    record.fact("hours", input.hours);
    if (input.incident !== undefined) record.correlate({ incident: input.incident });
    return { expiresAt };
  },
});
