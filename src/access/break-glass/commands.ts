import { sql } from "kysely";
import { z } from "zod";
import { command } from "../../door/command.ts";
import { Id } from "../../door/ids.ts";
import { Refusal } from "../../door/refusal.ts";
import { BREAK_GLASS, keepStaticDuties, syncDuties } from "../grants/duties.ts";
import { notify, peopleWith } from "../notices/notify.ts";
import { breakGlassMinutes, breakGlassReviewDays } from "../params.ts";
import { sealReason } from "../reasons.ts";
import { lockPerson } from "../staff/people.ts";
import { addWorkingDays } from "./working-days.ts";

/**
 * Takes the fixed emergency permissions for some minutes. The door has asked for password and factor, for this very
 * reason. Auditors and approvers are told in the same transaction. Refuses while fewer people than the policy names
 * hold the right: a glass that one person alone can break has nobody beside them.
 */
export const openBreakGlass = command({
  name: "staff.break_glass.open",
  gateAtLeast: "step-up",
  input: z.strictObject({ reason: z.string().trim().min(20).max(2000) }),
  crud: "c",
  severity: 4,
  async run({ tx, vault, actor, input, access, params, record, now, newId }) {
    const policy = await access.rules(tx);
    await lockPerson(tx, actor.id);
    if (actor.breakGlass !== null) throw new Refusal("conflict", "break_glass_open");
    const holders = await peopleWith(tx, policy, "staff.break_glass.open");
    if (holders.length < policy.access.break_glass.holders_at_least)
      throw new Refusal("conflict", "break_glass_holders");
    await syncDuties(tx, policy);
    await keepStaticDuties(tx, policy, actor.id, BREAK_GLASS);
    const id = newId();
    const reason = await sealReason(tx, vault, input.reason);
    // the database's clock ends it, so the database's clock begins it
    const { opened, expires } = await tx
      .insertInto("access.role_grant")
      .values({
        id,
        person_id: actor.id,
        role: BREAK_GLASS,
        kind: "break_glass",
        reason,
        granted_by: actor.id,
        granted_at: sql<Date>`now()`,
        expires_at: sql<Date>`now() + make_interval(mins => ${params(breakGlassMinutes)})`,
      })
      .returning(["granted_at as opened", sql<Date>`expires_at`.as("expires")])
      .executeTakeFirstOrThrow();
    await tx
      .insertInto("access.break_glass")
      .values({
        id,
        person_id: actor.id,
        reason,
        opened_at: opened,
        expires_at: expires,
        review_due_at: addWorkingDays(opened, params(breakGlassReviewDays)),
      })
      .execute();
    record.target({ type: "break_glass", id, label: actor.display });
    record.fact("minutes", params(breakGlassMinutes));
    const told = [
      ...(await peopleWith(tx, policy, "audit.entries", actor.id)),
      ...(await peopleWith(tx, policy, "approvals.decide", actor.id)),
      ...(await peopleWith(tx, policy, "staff.break_glass.review", actor.id)),
    ];
    await notify(tx, now, [...new Set(told)], {
      kind: "break_glass_opened",
      facts: { login: actor.display },
      href: `/staff/break-glass/${id}`,
    });
    return { id, expiresAt: expires };
  },
});

/** Gives the emergency permissions back before their time. */
export const endBreakGlass = command({
  name: "staff.break_glass.end",
  input: z.strictObject({}),
  severity: 3,
  async run({ tx, actor, record, now }) {
    if (actor.breakGlass === null) throw new Refusal("conflict", "break_glass_closed");
    await lockPerson(tx, actor.id);
    await tx
      .updateTable("access.role_grant")
      .set({ revoked_at: now, revoked_by: actor.id })
      .where("id", "=", actor.breakGlass)
      .where("revoked_at", "is", null)
      .execute();
    await tx
      .updateTable("access.break_glass")
      .set({ ended_at: now })
      .where("id", "=", actor.breakGlass)
      .execute();
    record.target({ type: "break_glass", id: actor.breakGlass, label: actor.display });
  },
});

/** Says afterwards whether the emergency was one. By somebody else: by duty at the door, and by a check in the table. */
export const reviewBreakGlass = command({
  name: "staff.break_glass.review",
  input: z.strictObject({
    id: Id,
    outcome: z.enum(["justified", "not_justified"]),
    note: z.string().trim().min(1).max(2000),
  }),
  target: ({ id }) => ({ type: "break_glass", id }),
  severity: 3,
  async run({ tx, vault, actor, input, record, now }) {
    const glass = await tx
      .selectFrom("access.break_glass")
      .select(["person_id", "reviewed_at", "ended_at", sql<boolean>`expires_at > now()`.as("running")])
      .where("id", "=", input.id)
      .forUpdate()
      .executeTakeFirst();
    if (glass === undefined) throw new Refusal("not-found", "not_found");
    if (glass.person_id === actor.id) throw new Refusal("denied", "own_break_glass");
    if (glass.reviewed_at !== null) throw new Refusal("conflict", "break_glass_reviewed");
    if (glass.ended_at === null && glass.running) throw new Refusal("conflict", "break_glass_in_force");
    await tx
      .updateTable("access.break_glass")
      .set({
        reviewed_at: now,
        reviewed_by: actor.id,
        review_outcome: input.outcome,
        review_note: await sealReason(tx, vault, input.note),
      })
      .where("id", "=", input.id)
      .execute();
    record.change("review", null, input.outcome);
  },
});
