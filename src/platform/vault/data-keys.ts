import type { KeyObject } from "node:crypto";
import { sql } from "kysely";
import type { Clock } from "../../door/clock.ts";
import type { Executor } from "./database.ts";
import { type KeyCache, noCache } from "./key-cache.ts";
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

/** A `KeyRow` as SQL selects it. */
export const keyColumns = sql.raw(
  `dek_id AS "dekId", subject_id AS subject, purpose, kek_id AS "kekId", kek_version AS "kekVersion", wrapped, state`,
);

/** Reads the rows of these keys, state included: one statement, in the caller's snapshot. */
export async function readKeys(db: Executor, dekIds: readonly string[]): Promise<Map<string, KeyRow>> {
  if (dekIds.length === 0) return new Map();
  const { rows } = await sql<KeyRow>`
    SELECT ${keyColumns} FROM vault.dek WHERE dek_id = ANY(${[...new Set(dekIds)]}::uuid[])`.execute(db);
  return new Map(rows.map((row) => [row.dekId, row]));
}

/**
 * Unwraps rows that the same operation has just read. Keys that are shredded or do not unwrap are missing from the
 * answer.
 */
export async function unwrapKeys(
  { provider, cache }: KeyAccess,
  rows: Iterable<KeyRow | undefined>,
): Promise<Map<KeyRow, KeyObject>> {
  const open = new Map<KeyRow, KeyObject>();
  const closed: WrappedRow[] = [];
  for (const row of new Set(rows)) {
    if (row === undefined || !isWrapped(row)) continue;
    const key = cache.get(row);
    if (key === undefined) closed.push(row);
    else open.set(row, key);
  }
  if (closed.length === 0) return open;
  const keys = await provider.unwrap(closed);
  for (let at = 0; at < closed.length; at += 1) {
    const [row, key] = [closed[at], keys[at]];
    if (row === undefined || key === undefined || key === null) continue;
    cache.put(row, key);
    open.set(row, key);
  }
  return open;
}

/** The fields of a list page, generously. More keys than that are bulk work, which leaves the cache alone. */
const PAGE = 400;

/** The access for work over so many keys. */
export function forSize(access: KeyAccess, keys: number): KeyAccess {
  return keys > PAGE ? { ...access, cache: noCache } : access;
}

type WrappedRow = KeyRow & { wrapped: Buffer };

function isWrapped(row: KeyRow): row is WrappedRow {
  return row.state !== "shredded" && row.wrapped !== null;
}
