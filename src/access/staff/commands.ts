import { z } from "zod";
import { command, type RunContext } from "../../door/command.ts";
import { Id } from "../../door/ids.ts";
import { Refusal } from "../../door/refusal.ts";
import { about } from "../about.ts";
import type { Tx } from "../../door/tables.ts";
import type { CompiledPolicy } from "../../platform/policy/index.ts";
import { grantsOfTwo, lapseGrantsOfTwo } from "../grants/lapse.ts";
import { holdersOf, notify } from "../notices/notify.ts";
import { makeLink, revokeLinks } from "../links/link.ts";
import { endPassword } from "../password/new-password.ts";
import { endSessionsOf } from "../sessions.ts";
import { addPerson, DisplayName, lockPerson, Login, newVersion, Reason } from "./people.ts";
import { Version } from "../../platform/integers.ts";

const About = z.strictObject({ person: Id, reason: Reason });
const staff = ({ person }: { person: string }) => ({ type: "staff", id: person });

/** Adds a colleague and gives the link with which they choose their password. They have no role yet. */
export const invite = command({
  name: "staff.invite",
  shownOnce: true,
  input: z.strictObject({ login: Login, name: DisplayName }),
  crud: "c",
  severity: 2,
  async run(context) {
    const { tx, actor, input, record, now, newId } = context;
    const id = newId();
    await addPerson(tx, { id, login: input.login, name: input.name, by: actor.id, now });
    record.target({ type: "staff", id, label: input.login });
    return { person: id, ...(await makeLink(context, "invite", id)) };
  },
});

/** Gives a new link for choosing a password: a second invitation, or a reset. Nobody else ever knows the password. */
export const resetPassword = command({
  name: "staff.reset_password",
  shownOnce: true,
  input: About,
  target: staff,
  severity: 2,
  async run(context) {
    const { tx, input, record } = context;
    const person = await lockPerson(tx, input.person);
    refuseSelf(context, person.id);
    if (person.state === "disabled") throw new Refusal("conflict", "colleague_disabled");
    record.target({ type: "staff", id: person.id, label: person.login });
    return await makeLink(context, person.state === "invited" ? "invite" : "reset", person.id);
  },
});

/**
 * Takes a lost or locked second factor away. Asks for four eyes. The person is as they were when they were invited: the
 * password ends too, because a factor locks when somebody else may know it; only a new one-time link leads to the next
 * enrolment; and what two people gave is given again after it, by two (ASVS 6.4.4).
 */
export const resetFactor = command({
  name: "staff.reset_factor",
  gateAtLeast: "four-eyes",
  input: z.strictObject({ ...About.shape, version: Version }),
  target: ({ person, version }) => ({ type: "staff", id: person, version }),
  resultAt: (person) => `/staff/${person}`,
  severity: 3,
  async run(context) {
    const { tx, actor, input, access, record, now } = context;
    const person = await lockPerson(tx, input.person, input.version);
    refuseSelf(context, person.id);
    await keepAnAdministrator(context, access, person.id);
    await newVersion(tx, person);
    await tx
      .updateTable("access.person")
      .set({ state: "invited" })
      .where("id", "=", person.id)
      .where("state", "=", "active")
      .execute();
    await about(tx, person.id);
    const removed = await tx
      .updateTable("access.totp")
      .set({ state: "removed", ended_at: now })
      .where("person_id", "=", person.id)
      .where("state", "!=", "removed")
      .executeTakeFirst();
    await tx
      .updateTable("access.recovery_code")
      .set({ replaced_at: now })
      .where("person_id", "=", person.id)
      .where("used_at", "is", null)
      .where("replaced_at", "is", null)
      .execute();
    record.target({ type: "staff", id: person.id, label: person.login });
    record.fact("factors", Number(removed.numUpdatedRows));
    if (person.state === "active") record.change("state", "active", "invited");
    await endPassword(tx, person.id, now);
    await revokeLinks(tx, person.id, now);
    const lapsed = await lapseGrantsOfTwo(tx, await access.rules(tx), person.id, { id: actor.id, now });
    for (const role of lapsed) record.change("role", role, null);
    await endSessionsOf(tx, { now: () => now }, person.id, "credentials");
    await notify(tx, now, [person.id], {
      kind: "credential_changed",
      facts: { what: "factor" },
      href: "/me",
    });
  },
  async preview({ tx, input, access }) {
    const lapsing = await grantsOfTwo(tx, await access.rules(tx), input.person);
    return {
      login: await loginOf(tx, input.person),
      sessions: await liveSessions(tx, input.person),
      roles_lapsing: lapsing.map(({ role }) => role).join(", "),
    };
  },
});

/** Shuts a person out: sessions, links and devices end in the same transaction (ASVS 7.4.2). */
export const disable = command({
  name: "staff.disable",
  input: About,
  target: staff,
  severity: 2,
  async run(context) {
    const { tx, input, access, record, now } = context;
    const person = await lockPerson(tx, input.person);
    refuseSelf(context, person.id);
    if (person.state === "disabled") throw new Refusal("conflict", "colleague_disabled");
    await keepAnAdministrator(context, access, person.id);
    await tx
      .updateTable("access.person")
      .set({ state: "disabled", disabled_at: now, version: person.version + 1 })
      .where("id", "=", person.id)
      .execute();
    record.target({ type: "staff", id: person.id, label: person.login });
    record.change("state", person.state, "disabled");
    record.fact("sessions", await endSessionsOf(tx, { now: () => now }, person.id, "disabled"));
    await revokeLinks(tx, person.id, now);
    await tx
      .updateTable("access.device")
      .set({ ended_at: now })
      .where("person_id", "=", person.id)
      .where("ended_at", "is", null)
      .execute();
  },
});

/** Lets a person in again, with the roles and factors they had. */
export const enable = command({
  name: "staff.enable",
  input: About,
  target: staff,
  severity: 2,
  async run(context) {
    const { tx, input, record } = context;
    const person = await lockPerson(tx, input.person);
    if (person.state !== "disabled") throw new Refusal("conflict", "person_enabled");
    await about(tx, person.id);
    const factor = await tx
      .selectFrom("access.totp")
      .select("id")
      .where("person_id", "=", person.id)
      .where("state", "in", ["active", "locked"])
      .executeTakeFirst();
    const state = factor === undefined ? "invited" : "active";
    await tx
      .updateTable("access.person")
      .set({ state, disabled_at: null, version: person.version + 1 })
      .where("id", "=", person.id)
      .execute();
    record.target({ type: "staff", id: person.id, label: person.login });
    record.change("state", "disabled", state);
  },
});

/** Ends every session of somebody else. */
export const endSessions = command({
  name: "staff.sessions.end",
  input: About,
  target: staff,
  crud: "d",
  severity: 2,
  async run({ tx, input, record, now }) {
    const person = await lockPerson(tx, input.person);
    record.target({ type: "staff", id: person.id, label: person.login });
    record.fact("sessions", await endSessionsOf(tx, { now: () => now }, person.id, "ended"));
  },
});

/** Administration is over others: for oneself there is the person's own page. */
function refuseSelf({ actor }: Pick<RunContext<unknown>, "actor">, person: string): void {
  if (actor.id === person) throw new Refusal("denied", "not_oneself");
}

/** Somebody must be left who can let people in again. */
export async function keepAnAdministrator(
  { tx }: Pick<RunContext<unknown>, "tx">,
  access: RunContext<unknown>["access"],
  leaving: string,
): Promise<void> {
  if (await isLastAdministrator(tx, await access.rules(tx), leaving))
    throw new Refusal("conflict", "last_administrator");
}

/** Whether nobody but this person may give roles. */
export async function isLastAdministrator(tx: Tx, policy: CompiledPolicy, person: string): Promise<boolean> {
  const all = await holdersOf(tx, policy.holders("staff.roles.grant"));
  return all.length === 1 && all.includes(person);
}

async function loginOf(tx: RunContext<unknown>["tx"], id: string): Promise<string> {
  const row = await tx.selectFrom("access.person").select("login").where("id", "=", id).executeTakeFirst();
  return row?.login ?? "";
}

async function liveSessions(tx: RunContext<unknown>["tx"], id: string): Promise<number> {
  const { count } = await tx
    .selectFrom("access.session")
    .select((eb) => eb.fn.countAll<bigint>().as("count"))
    .where("person_id", "=", id)
    .where("ended_at", "is", null)
    .executeTakeFirstOrThrow();
  return Number(count);
}
