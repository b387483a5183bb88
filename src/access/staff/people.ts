import { z } from "zod";
import { Refusal } from "../../door/refusal.ts";
import type { Tx } from "../../door/tables.ts";

/** A login is typed often and read by colleagues; it is also how the log names a person. */
export const Login = z.string().regex(/^[a-z][a-z0-9._-]{1,31}$/);
export const DisplayName = z.string().trim().min(1).max(80);
export const Reason = z.string().trim().min(1).max(500);

/**
 * Locks a person for a change; grants to one person wait for each other here. Refuses `not-found`, and `conflict` when
 * `version` is not the one in the database: what was agreed to is not what is there any more.
 */
export async function lockPerson(tx: Tx, id: string, version?: number) {
  const row = await tx
    .selectFrom("access.person")
    .select(["id", "login", "display_name", "state", "version"])
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw new Refusal("not-found", "not_found");
  if (version !== undefined && version !== row.version) throw new Refusal("conflict", "conflict");
  return row;
}

/** The state, factor or roles of a locked person changed: what others read about them before is out of date. */
export async function newVersion(tx: Tx, person: { id: string; version: number }): Promise<void> {
  await tx
    .updateTable("access.person")
    .set({ version: person.version + 1 })
    .where("id", "=", person.id)
    .execute();
}

/** Adds a person who has no password yet. Refuses `invalid` at `login` when it is taken. */
export async function addPerson(
  tx: Tx,
  person: { id: string; login: string; name: string; by: string; now: Date },
): Promise<void> {
  const added = await tx
    .insertInto("access.person")
    .values({
      id: person.id,
      login: person.login,
      display_name: person.name,
      created_at: person.now,
      created_by: person.by,
    })
    .onConflict((c) => c.column("login").doNothing())
    .executeTakeFirst();
  if (added.numInsertedOrUpdatedRows !== 1n)
    throw new Refusal("invalid", "invalid", { issues: [{ path: "login", code: "login_taken" }] });
  await tx.insertInto("access.preference").values({ person_id: person.id }).execute();
}
