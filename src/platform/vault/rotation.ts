import { sql } from "kysely";
import type { Clock } from "../../door/clock.ts";
import { uuidv7 } from "../../door/ids.ts";
import { Refusal } from "../../door/refusal.ts";
import type { Executor } from "./database.ts";
import type { KeyRow } from "./data-keys.ts";
import { SealError } from "./errors.ts";
import type { KekProvider } from "./provider.ts";

/** No writing transaction holds more rows than this (architecture, section 4). */
const BATCH = 500;

export interface Rotation {
  id: string;
  kind: "kek";
  fromVersion: number;
  toVersion: number;
  /** Keys to rewrap, as counted at the start and corrected at the end. */
  total: number;
  done: number;
  state: "running" | "finished";
  startedAt: Date;
  finishedAt: Date | null;
}

const columns = sql.raw(
  `id, kind, from_version AS "fromVersion", to_version AS "toVersion", total, done, state,
   started_at AS "startedAt", finished_at AS "finishedAt"`,
);

/**
 * Starts a rotation of the KEK: the provider makes a new version, and everything wrapped under older ones is counted.
 * The values themselves are not touched. Refuses a second one while one runs.
 */
export async function beginRotation(provider: KekProvider, db: Executor, clock: Clock): Promise<Rotation> {
  await sql`SELECT pg_advisory_xact_lock(71171, 30)`.execute(db); // one beginner at a time
  const { rows: running } = await sql`SELECT 1 FROM vault.rotation WHERE state = 'running'`.execute(db);
  if (running.length > 0) throw new Refusal("conflict", "vault_rotation_running");

  const { rows: last } = await sql<{ version: number }>`
    SELECT greatest((SELECT max(kek_version) FROM vault.dek), (SELECT max(to_version) FROM vault.rotation), 1) AS version
    `.execute(db);
  const from = last[0]?.version ?? 1;
  const to = await provider.rotate(from);
  const now = clock.now();
  const { rows } = await sql<Rotation>`
    INSERT INTO vault.rotation (id, kind, from_version, to_version, total, started_at)
    SELECT ${uuidv7(now.getTime())}, 'kek', ${from}::int, ${to}::int, count(*), ${now}::timestamptz
    FROM vault.dek WHERE state <> 'shredded' AND kek_version < ${to}
    RETURNING ${columns}`.execute(db);
  return one(rows);
}

/**
 * One step: rewraps at most 500 keys in the caller's transaction, and finishes the rotation when none is left. Call it
 * until `state` is `finished`. What is left is read from the keys, so a step lost to a kill is simply done again; two
 * workers at once take different keys. Reads go on meanwhile: the provider keeps the older versions.
 */
export async function rotationStep(
  provider: KekProvider,
  db: Executor,
  clock: Clock,
  id: string,
): Promise<Rotation> {
  const rotation = await lockRotation(db, id);
  if (rotation.state === "finished") return rotation;
  const { rows: keys } = await sql<KeyRow & { wrapped: Buffer }>`
    SELECT dek_id AS "dekId", subject_id AS subject, purpose, kek_id AS "kekId", kek_version AS "kekVersion", wrapped
    FROM vault.dek WHERE state <> 'shredded' AND kek_version < ${rotation.toVersion}
    ORDER BY kek_version, dek_id LIMIT ${BATCH} FOR UPDATE`.execute(db);
  return keys.length === 0 ? await finish(db, clock, id) : await rewrap(provider, db, id, keys);
}

/** The rotations, newest first, for the page that shows progress. */
export async function readRotations(db: Executor, limit = 20): Promise<Rotation[]> {
  const { rows } = await sql<Rotation>`
    SELECT ${columns} FROM vault.rotation ORDER BY started_at DESC, id DESC LIMIT ${limit}`.execute(db);
  return rows;
}

async function lockRotation(db: Executor, id: string): Promise<Rotation> {
  const { rows } =
    await sql<Rotation>`SELECT ${columns} FROM vault.rotation WHERE id = ${id} FOR UPDATE`.execute(db);
  const [found] = rows;
  if (found === undefined) throw new Refusal("not-found", "vault_rotation_unknown");
  return found;
}

async function rewrap(
  provider: KekProvider,
  db: Executor,
  id: string,
  keys: readonly (KeyRow & { wrapped: Buffer })[],
): Promise<Rotation> {
  const plain = await provider.unwrap(keys);
  const fresh = await provider.wrap(
    keys.map((row, at) => {
      const key = plain[at];
      // stopping is right: a key that no version opens is damage that somebody must look at
      if (key === undefined || key === null) throw new SealError();
      return { dekId: row.dekId, subject: row.subject, purpose: row.purpose, key };
    }),
  );
  await sql`
    UPDATE vault.dek AS dek SET kek_id = new.kek_id, kek_version = new.kek_version, wrapped = new.wrapped
    FROM unnest(${keys.map((k) => k.dekId)}::uuid[], ${fresh.map((w) => w.kekId)}::text[],
      ${fresh.map((w) => w.kekVersion)}::int[], ${fresh.map((w) => w.wrapped)}::bytea[])
      AS new (dek_id, kek_id, kek_version, wrapped)
    WHERE dek.dek_id = new.dek_id`.execute(db);
  const { rows } = await sql<Rotation>`
    UPDATE vault.rotation SET done = done + ${keys.length}, total = greatest(total, done + ${keys.length})
    WHERE id = ${id} RETURNING ${columns}`.execute(db);
  return one(rows);
}

async function finish(db: Executor, clock: Clock, id: string): Promise<Rotation> {
  const { rows } = await sql<Rotation>`
    UPDATE vault.rotation SET state = 'finished', finished_at = ${clock.now()}, total = done
    WHERE id = ${id} RETURNING ${columns}`.execute(db);
  return one(rows);
}

function one<T>(rows: readonly T[]): T {
  const [row] = rows;
  if (row === undefined) throw new Error("the statement gave no row");
  return row;
}
