import { sql } from "kysely";
import type { Clock } from "../../door/clock.ts";
import type { Executor } from "./database.ts";
import type { KeyWanted } from "./data-keys.ts";

/**
 * Restricts a key: what it guards is stored and protected, and opens only on a named legal basis (PIPL art. 47).
 * Gives the id of the key, or null when there was no active one.
 */
export async function restrictKey(db: Executor, { subject, purpose }: KeyWanted): Promise<string | null> {
  const { rows } = await sql<{ dekId: string }>`
    UPDATE vault.dek SET state = 'restricted'
    WHERE subject_id = ${subject} AND purpose = ${purpose} AND state = 'active'
    RETURNING dek_id AS "dekId"`.execute(db);
  return rows[0]?.dekId ?? null;
}

/**
 * Destroys a key: what it guards is noise from the commit on, in every process. Gives the id for the shred ledger, or
 * null when there was no key. Backups made before still hold the wrapped key; the ledger is what keeps it dead.
 */
export async function shredKey(
  db: Executor,
  clock: Clock,
  { subject, purpose }: KeyWanted,
): Promise<string | null> {
  const { rows } = await sql<{ dekId: string }>`
    UPDATE vault.dek SET state = 'shredded', wrapped = NULL, shredded_at = ${clock.now()}
    WHERE subject_id = ${subject} AND purpose = ${purpose} AND state <> 'shredded'
    RETURNING dek_id AS "dekId"`.execute(db);
  return rows[0]?.dekId ?? null;
}
