import { z } from "zod";
import { command } from "../../door/command.ts";
import { Id } from "../../door/ids.ts";
import { Refusal } from "../../door/refusal.ts";
import { notify } from "../notices/notify.ts";
import { CheckedPassword, stillRight } from "../password/check.ts";
import { hashOf, HashedPassword, storePassword } from "../password/new-password.ts";
import { endSession, endSessionsOf } from "../sessions.ts";

/** Changes the password with the current one, and ends every other session (ASVS 6.2.3, 7.4.3). */
export const changePassword = command({
  name: "access.password.change",
  input: z.strictObject({ current: CheckedPassword, next: HashedPassword }),
  severity: 2,
  async run({ tx, actor, input, record, now }) {
    record.target({ type: "staff", id: actor.id, label: actor.display });
    if (!(await stillRight(tx, input.current, actor.id)))
      throw new Refusal("invalid", "invalid", { issues: [{ path: "current", code: "password_wrong" }] });
    await storePassword(tx, actor.id, hashOf(input.next, "next"), now);
    const own = actor.assurance?.session ?? "";
    record.fact("sessions_ended", await endSessionsOf(tx, { now: () => now }, actor.id, "credentials", own));
    await notify(tx, now, [actor.id], {
      kind: "credential_changed",
      facts: { what: "password" },
      href: "/me",
    });
  },
});

/** Ends one of one's own sessions, by its public handle. */
export const endOwnSession = command({
  name: "access.end_own_session",
  input: z.strictObject({ handle: Id }),
  crud: "d",
  async run({ tx, actor, input, record, now }) {
    record.target({ type: "staff", id: actor.id, label: actor.display });
    const session = await tx
      .selectFrom("access.session")
      .select("id")
      .where("handle", "=", input.handle)
      .where("person_id", "=", actor.id)
      .where("ended_at", "is", null)
      .executeTakeFirst();
    if (session === undefined) throw new Refusal("not-found", "not_found");
    await endSession(tx, { now: () => now }, session.id, "ended");
  },
});

/** Ends all of one's own sessions but the one that asks. */
export const endOwnSessions = command({
  name: "access.end_own_sessions",
  input: z.strictObject({}),
  crud: "d",
  async run({ tx, actor, record, now }) {
    record.target({ type: "staff", id: actor.id, label: actor.display });
    const own = actor.assurance?.session ?? "";
    record.fact("sessions", await endSessionsOf(tx, { now: () => now }, actor.id, "ended", own));
  },
});

const fields = ["language", "theme", "density"] as const;

/** Language and looks, kept with the person so that every device agrees. What is not given stays. */
export const setPreferences = command({
  name: "access.preferences",
  input: z.strictObject({
    language: z.enum(["zh-CN", "en"]).optional(),
    theme: z.enum(["system", "light", "dark"]).optional(),
    density: z.enum(["comfortable", "compact"]).optional(),
  }),
  severity: 0,
  async run({ tx, actor, input, record }) {
    record.target({ type: "staff", id: actor.id, label: actor.display });
    const before = await tx
      .selectFrom("access.preference")
      .select(fields)
      .where("person_id", "=", actor.id)
      .executeTakeFirst();
    const given = fields.filter((field) => input[field] !== undefined);
    const values = Object.fromEntries(given.map((field) => [field, input[field]]));
    await tx
      .insertInto("access.preference")
      .values({ person_id: actor.id, ...values })
      .onConflict((c) => c.column("person_id").doUpdateSet({ person_id: actor.id, ...values }))
      .execute();
    for (const field of given) record.change(field, before?.[field] ?? null, input[field] ?? null);
  },
});
