import { createSecretKey, randomBytes } from "node:crypto";
import { sql } from "kysely";
import { uuidv7 } from "../../door/ids.ts";
import { Refusal } from "../../door/refusal.ts";
import { forSize, type KeyAccess, keyColumns, type KeyRow, type KeyWanted, unwrapKeys } from "./data-keys.ts";
import type { Executor } from "./database.ts";
import type { DataKey } from "./envelope.ts";
import { SealError } from "./errors.ts";

/**
 * The keys to seal with, made where they are missing, in the caller's transaction. Refuses new values under a restricted
 * or shredded key: somebody who was erased does not come back through a late write.
 */
export async function keysForSealing(
  access: KeyAccess,
  db: Executor,
  wanted: readonly KeyWanted[],
): Promise<(of: KeyWanted) => DataKey> {
  const distinct = [...new Map(wanted.map((want) => [nameOf(want), want])).values()];
  const found = await findKeys(db, distinct);
  const missing = distinct.filter((want) => !found.has(nameOf(want)));
  const made = missing.length === 0 ? new Map<string, DataKey>() : await makeKeys(access, db, missing);
  // not made: another transaction was quicker and has committed meanwhile
  const late = await findKeys(
    db,
    missing.filter((want) => !made.has(nameOf(want))),
  );
  const rows = new Map([...found, ...late]);
  for (const row of rows.values()) {
    if (row.state !== "active") throw new Refusal("frozen", `vault_key_${row.state}`);
  }
  const open = await unwrapKeys(forSize(access, rows.size), rows.values());
  return (of) => {
    const name = nameOf(of);
    const row = rows.get(name);
    const key = row === undefined ? undefined : open.get(row);
    const dataKey = row === undefined || key === undefined ? made.get(name) : { dekId: row.dekId, key };
    if (dataKey === undefined) throw new SealError();
    return dataKey;
  };
}

async function findKeys(db: Executor, wanted: readonly KeyWanted[]): Promise<Map<string, KeyRow>> {
  if (wanted.length === 0) return new Map();
  const [subjects, purposes] = [wanted.map((want) => want.subject), wanted.map((want) => want.purpose)];
  const { rows } = await sql<KeyRow>`
    SELECT ${keyColumns} FROM vault.dek
    WHERE (subject_id, purpose) IN (
      SELECT * FROM unnest(${subjects}::uuid[], ${purposes}::text[]))`.execute(db);
  return new Map(rows.map((row) => [nameOf(row), row]));
}

/** Inserts in one order, so that two imports naming the same people wait for each other instead of deadlocking. */
async function makeKeys(
  access: KeyAccess,
  db: Executor,
  wanted: readonly KeyWanted[],
): Promise<Map<string, DataKey>> {
  const now = access.clock.now();
  const fresh = wanted
    .toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
    .map(({ subject, purpose }) => ({
      dekId: uuidv7(now.getTime()),
      subject,
      purpose,
      key: createSecretKey(randomBytes(32)),
    }));
  const wrapped = await access.provider.wrap(fresh);
  const { rows } = await sql<{ dekId: string }>`
    INSERT INTO vault.dek (dek_id, subject_id, purpose, kek_id, kek_version, wrapped, created_at)
    SELECT *, ${now}::timestamptz FROM unnest(
      ${fresh.map((k) => k.dekId)}::uuid[], ${fresh.map((k) => k.subject)}::uuid[], ${fresh.map((k) => k.purpose)}::text[],
      ${wrapped.map((w) => w.kekId)}::text[], ${wrapped.map((w) => w.kekVersion)}::int[],
      ${wrapped.map((w) => w.wrapped)}::bytea[])
    ON CONFLICT (subject_id, purpose) DO NOTHING
    RETURNING dek_id AS "dekId"`.execute(db);
  const kept = new Set(rows.map((row) => row.dekId));
  return new Map(fresh.filter((key) => kept.has(key.dekId)).map((key) => [nameOf(key), key]));
}

function nameOf({ subject, purpose }: KeyWanted): string {
  return `${subject} ${purpose}`;
}
