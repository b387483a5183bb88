import { sql } from "kysely";
import { z } from "zod";
import { command, query, type RunContext } from "../../door/command.ts";
import { Refusal } from "../../door/refusal.ts";
import type { Tx } from "../../door/tables.ts";
import { about } from "../about.ts";
import { LinkToken } from "../links/accept.ts";
import { makeLink, useLink } from "../links/link.ts";
import { hashOf, HashedPassword, storePassword } from "../password/new-password.ts";
import { addPerson, DisplayName, lockPerson, Login } from "../staff/people.ts";

/*
 * The first three people. There is no default account: the start prints a one-time link for the first one, who invites
 * a second people administrator and an approver. Until all three have enrolled, nobody reaches anything else; then this
 * closes for ever.
 */

/** Makes the link of the first set-up, and kills the one before. For the operator on the machine itself. */
export const inviteFirst = command({
  name: "staff.invite_first",
  shownOnce: true,
  input: z.strictObject({}),
  crud: "c",
  severity: 3,
  target: () => ({ type: "setup", id: "first" }),
  async run(context) {
    const setup = await lockSetup(context.tx);
    if (setup.closed_at !== null || setup.first !== null) throw new Refusal("conflict", "setup_closed");
    return await makeLink(context, "setup", null);
  },
});

/** Uses the link: the first person comes to be, a people administrator. */
export const beginSetup = command({
  name: "access.setup.begin",
  input: z.strictObject({ token: LinkToken, login: Login, name: DisplayName, password: HashedPassword }),
  crud: "c",
  anonymous: true,
  severity: 3,
  async run(context) {
    const { tx, input, now, newId } = context;
    const setup = await lockSetup(tx);
    if (setup.closed_at !== null || setup.first !== null) throw new Refusal("conflict", "setup_closed");
    await useLink(tx, input.token, ["setup"], now);
    const id = newId();
    await addFirst(context, { id, login: input.login, name: input.name, role: "people_administrator" });
    await about(tx, id);
    await storePassword(tx, id, hashOf(input.password, "password"), now);
    await tx.updateTable("access.setup").set({ first: id }).execute();
  },
});

/** The first person invites the two others, each with their one role. Asked again, it gives a new link. */
export const inviteSecond = command({
  name: "access.setup.invite",
  shownOnce: true,
  input: z.strictObject({
    seat: z.enum(["second", "approver"]),
    login: Login.optional(),
    name: DisplayName.optional(),
  }),
  crud: "c",
  severity: 3,
  async run(context) {
    const { tx, actor, input, record, newId } = context;
    const setup = await lockSetup(tx);
    if (setup.closed_at !== null) throw new Refusal("conflict", "setup_closed");
    if (setup.first !== actor.id) throw new Refusal("denied", "permission");
    const seated = setup[input.seat];
    if (seated !== null) {
      const person = await lockPerson(tx, seated);
      if (person.state !== "invited") throw new Refusal("conflict", "setup_seat_taken");
      record.target({ type: "staff", id: person.id, label: person.login });
      return { login: person.login, ...(await makeLink(context, "invite", person.id)) };
    }
    if (input.login === undefined || input.name === undefined)
      throw new Refusal("invalid", "invalid", { issues: [{ path: "login", code: "required" }] });
    const id = newId();
    const role = input.seat === "second" ? "people_administrator" : "approver";
    await addFirst(context, { id, login: input.login, name: input.name, role });
    await tx
      .updateTable("access.setup")
      .set(input.seat === "second" ? { second: id } : { approver: id })
      .execute();
    return { login: input.login, ...(await makeLink(context, "invite", id)) };
  },
});

/** How far the set-up has come, for the first person's page. */
export const viewSetup = query({
  name: "access.setup.view",
  input: z.strictObject({}),
  async run({ tx, actor }) {
    const setup = await tx.selectFrom("access.setup").selectAll().executeTakeFirstOrThrow();
    if (setup.first !== actor.id && setup.second !== actor.id && setup.approver !== actor.id)
      throw new Refusal("not-found", "not_found");
    const people = await tx
      .selectFrom("access.person")
      .select(["id", "login", "display_name as name", "state"])
      .where(
        "id",
        "in",
        [setup.first, setup.second, setup.approver].filter((id) => id !== null),
      )
      .execute();
    const seat = (id: string | null) => people.find((person) => person.id === id) ?? null;
    return {
      closed: setup.closed_at !== null,
      mine: setup.first === actor.id,
      first: seat(setup.first),
      second: seat(setup.second),
      approver: seat(setup.approver),
    };
  },
});

export type SetupView = Awaited<ReturnType<(typeof viewSetup)["run"]>>;

/** Closes the set-up once all three have enrolled. Called with every enrolment; does nothing after the first time. */
export async function closeSetupWhenComplete(tx: Tx, now: Date): Promise<boolean> {
  const setup = await tx.selectFrom("access.setup").selectAll().executeTakeFirstOrThrow();
  if (setup.closed_at !== null) return false;
  const seats = [setup.first, setup.second, setup.approver].filter((id) => id !== null);
  if (seats.length < 3) return false;
  // two who enrol at the same moment wait for each other here, so that the second one sees the first
  await lockSetup(tx);
  const { rows } = await sql<{ enrolled: bigint }>`
    SELECT count(DISTINCT seat) AS enrolled FROM unnest(${seats}::uuid[]) AS seat
    WHERE access.is_enrolled(seat)`.execute(tx);
  if ((rows[0]?.enrolled ?? 0n) < 3n) return false;
  const closed = await tx
    .updateTable("access.setup")
    .set({ closed_at: now })
    .where("closed_at", "is", null)
    .executeTakeFirst();
  return closed.numUpdatedRows === 1n;
}

async function lockSetup(tx: Tx) {
  return await tx.selectFrom("access.setup").selectAll().forUpdate().executeTakeFirstOrThrow();
}

async function addFirst(
  { tx, actor, record, now, newId }: RunContext<unknown>,
  person: { id: string; login: string; name: string; role: string },
): Promise<void> {
  await addPerson(tx, { id: person.id, login: person.login, name: person.name, by: actor.id, now });
  await tx
    .insertInto("access.role_grant")
    .values({
      id: newId(),
      person_id: person.id,
      role: person.role,
      kind: "standing",
      granted_by: "setup",
      granted_at: now,
    })
    .execute();
  record.target({ type: "staff", id: person.id, label: person.login });
  record.change("role", null, person.role);
}
