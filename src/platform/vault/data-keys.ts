import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import type { Clock } from "../../door/clock.ts";
import { uuidv7 } from "../../door/ids.ts";
import { Refusal } from "../../door/refusal.ts";
import type { Executor } from "./database.ts";
import type { DataKey } from "./envelope.ts";
import { SealError } from "./errors.ts";
import type { KeyCache } from "./key-cache.ts";
import type { DekIdentity, KekProvider } from "./provider.ts";
import type { Purpose } from "./subjects.ts";

/** `active → restricted → shredded`, one way. Restricted: storage and protection only (PIPL art. 47). */
export type KeyState = "active" | "restricted" | "shredded";

export interface KeyRow extends DekIdentity {
  kekId: string;
  kekVersion: number;
  /** Null once shredded. */
  wrapped: Buffer | null;
  state: KeyState;
}

/** What the vault's operations need to reach data keys. */
export interface KeyAccess {
  provider: KekProvider;
  cache: KeyCache;
  clock: Clock;
}

/** Whose key and for what. */
export interface KeyWanted {
  subject: string;
  purpose: Purpose;
}

const columns = sql.raw(
  `dek_id AS "dekId", subject_id AS subject, purpose, kek_id AS "kekId", kek_version AS "kekVersion", wrapped, state`,
);

/** Reads the rows of these keys, state included: one statement, in the caller's snapshot. */
export async function readKeys(db: Executor, dekIds: readonly string[]): Promise<Map<string, KeyRow>> {
  if (dekIds.length === 0) return new Map();
  const { rows } = await sql<KeyRow>`
    SELECT ${columns} FROM vault.dek WHERE dek_id = ANY(${[...new Set(dekIds)]}::uuid[])`.execute(db);
  return new Map(rows.map((row) => [row.dekId, row]));
}

/**
 * Unwraps rows that the same operation has just read. Keys that are shredded or do not unwrap are missing from the
 * answer.
 */
export async function unwrapKeys(access: KeyAccess, rows: Iterable<KeyRow>): Promise<Map<string, DataKey>> {
  const open = new Map<string, DataKey>();
  const closed: (KeyRow & { wrapped: Buffer })[] = [];
  for (const row of rows) {
    const { wrapped } = row;
    if (row.state === "shredded" || wrapped === null) continue;
    const key = access.cache.get(row);
    if (key === undefined) closed.push({ ...row, wrapped });
    else open.set(row.dekId, { dekId: row.dekId, key });
  }
  if (closed.length === 0) return open;
  const keys = await access.provider.unwrap(closed);
  for (const [at, row] of closed.entries()) {
    const key = keys[at];
    if (key === undefined || key === null) continue;
    access.cache.put(row, key);
    open.set(row.dekId, { dekId: row.dekId, key });
  }
  return open;
}

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
  let rows = await findKeys(db, distinct);
  const missing = distinct.filter((want) => !rows.has(nameOf(want)));
  if (missing.length > 0) {
    const made = await makeKeys(access, db, missing);
    rows = new Map([...rows, ...made]);
    // not made: another transaction was quicker and has committed meanwhile
    const late = missing.filter((want) => !made.has(nameOf(want)));
    if (late.length > 0) rows = new Map([...rows, ...(await findKeys(db, late))]);
  }
  for (const row of rows.values()) {
    if (row.state !== "active") throw new Refusal("frozen", `vault_key_${row.state}`);
  }
  const open = await unwrapKeys(access, rows.values());
  return (of) => {
    const row = rows.get(nameOf(of));
    const key = row === undefined ? undefined : open.get(row.dekId);
    if (key === undefined) throw new SealError();
    return key;
  };
}

async function findKeys(db: Executor, wanted: readonly KeyWanted[]): Promise<Map<string, KeyRow>> {
  if (wanted.length === 0) return new Map();
  const { rows } = await sql<KeyRow>`
    SELECT ${columns} FROM vault.dek
    WHERE (subject_id, purpose) IN (
      SELECT * FROM unnest(${wanted.map((w) => w.subject)}::uuid[], ${wanted.map((w) => w.purpose)}::text[]))`.execute(
    db,
  );
  return new Map(rows.map((row) => [nameOf(row), row]));
}

/** Inserts in one order, so that two imports naming the same people wait for each other instead of deadlocking. */
async function makeKeys(
  access: KeyAccess,
  db: Executor,
  wanted: readonly KeyWanted[],
): Promise<Map<string, KeyRow>> {
  const now = access.clock.now();
  const fresh = wanted
    .toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
    .map(({ subject, purpose }) => ({
      dekId: uuidv7(now.getTime()),
      subject,
      purpose,
      key: randomBytes(32),
    }));
  const wrapped = await access.provider.wrap(fresh);
  const { rows } = await sql<KeyRow>`
    INSERT INTO vault.dek (dek_id, subject_id, purpose, kek_id, kek_version, wrapped, created_at)
    SELECT *, ${now}::timestamptz FROM unnest(
      ${fresh.map((k) => k.dekId)}::uuid[], ${fresh.map((k) => k.subject)}::uuid[], ${fresh.map((k) => k.purpose)}::text[],
      ${wrapped.map((w) => w.kekId)}::text[], ${wrapped.map((w) => w.kekVersion)}::int[],
      ${wrapped.map((w) => w.wrapped)}::bytea[])
    ON CONFLICT (subject_id, purpose) DO NOTHING
    RETURNING ${columns}`.execute(db);
  return new Map(rows.map((row) => [nameOf(row), row]));
}

function nameOf({ subject, purpose }: KeyWanted): string {
  return `${subject} ${purpose}`;
}
