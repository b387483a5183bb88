import { z } from "zod";
import { command } from "../../door/command.ts";
import { Id } from "../../door/ids.ts";
import { Refusal } from "../../door/refusal.ts";
import { mayAdminister } from "../grants/commands.ts";
import { lockPerson } from "../staff/people.ts";

/**
 * Says of a lasting grant that it is still needed; it is good for another period of the policy. Refuses one's own
 * (`denied`), one that the actor may not administer, and one that has ended meanwhile (`not-found`).
 */
export const keepRole = command({
  name: "staff.roles.keep",
  input: z.strictObject({ person: Id, grant: Id }),
  target: ({ person }) => ({ type: "staff", id: person }),
  severity: 2,
  async run({ tx, actor, input, access, record, now }) {
    if (actor.id === input.person) throw new Refusal("denied", "not_oneself");
    const person = await lockPerson(tx, input.person);
    const grant = await tx
      .selectFrom("access.role_grant")
      .select(["role", "reviewed_at"])
      .where("id", "=", input.grant)
      .where("person_id", "=", person.id)
      .where("revoked_at", "is", null)
      .where("expires_at", "is", null)
      .executeTakeFirst();
    if (grant === undefined) throw new Refusal("not-found", "not_found");
    const rule = (await access.rules(tx)).roles.get(grant.role);
    // what the policy no longer names is not kept, only taken away
    if (rule === undefined) throw new Refusal("conflict", "role_gone");
    mayAdminister(actor.roles, rule);
    await tx
      .updateTable("access.role_grant")
      .set({ reviewed_at: now, reviewed_by: actor.id })
      .where("id", "=", input.grant)
      .execute();
    record.target({ type: "staff", id: person.id, label: person.login });
    record.fact("role", grant.role);
    record.change("reviewed_at", grant.reviewed_at?.toISOString() ?? null, now.toISOString());
  },
});
