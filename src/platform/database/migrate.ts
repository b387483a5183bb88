import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type ClientBase, DatabaseError, type Pool } from "pg";

/** One file of `migrations/`. */
export interface Migration {
  readonly number: number;
  /** The file's name without its ending: `0001_door`. */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file, hexadecimal. */
  readonly sha256: string;
}

interface AppliedMigration {
  readonly number: number;
  readonly name: string;
  readonly sha256: string;
}

/** The database and the files do not fit together; nothing was changed. */
export class MigrationRefused extends Error {
  override readonly name = "MigrationRefused";
}

const MIGRATION_LOCK = [71_171, 4];

/** Reads the migrations in their order. Refuses a file that is not named `NNNN_name.sql`, and a number twice. */
export async function readMigrations(directory: string): Promise<Migration[]> {
  const files = (await readdir(directory)).sort();
  const migrations = await Promise.all(files.map(async (file) => await readMigration(directory, file)));
  for (const [index, { number, name }] of migrations.entries()) {
    const before = migrations[index - 1];
    if (before?.number === number)
      throw new MigrationRefused(`${before.name} and ${name} have the same number.`);
  }
  return migrations;
}

async function readMigration(directory: string, file: string): Promise<Migration> {
  const match = /^((\d{4})_[a-z0-9_]+)\.sql$/.exec(file);
  if (!match?.[1]) throw new MigrationRefused(`migrations/${file} is not named NNNN_name.sql.`);
  const sql = await readFile(join(directory, file), "utf8");
  return {
    number: Number(match[2]),
    name: match[1],
    sql,
    sha256: createHash("sha256").update(sql).digest("hex"),
  };
}

/**
 * Brings a database forward, each file in a transaction of its own, and gives the names of those it applied.
 * `owner` is connected as gatehouse_owner. Of several callers one works and the others wait.
 *
 * Refuses before it changes anything: a file that was edited after it was applied, a database that a newer
 * program has migrated, and a file that comes to stand before one that is already applied.
 */
export async function migrate(owner: ClientBase, migrations: readonly Migration[]): Promise<string[]> {
  await owner.query("SELECT pg_advisory_lock($1::int, $2::int)", MIGRATION_LOCK);
  try {
    await createRegister(owner);
    const pending = planMigrations(migrations, await readApplied(owner));
    for (const migration of pending) await apply(owner, migration);
    return pending.map(({ name }) => name);
  } finally {
    await owner.query("SELECT pg_advisory_unlock($1::int, $2::int)", MIGRATION_LOCK);
  }
}

/** What is still to be applied; the refusals of `migrate`. */
export function planMigrations(
  migrations: readonly Migration[],
  applied: readonly AppliedMigration[],
): Migration[] {
  const files = new Map(migrations.map((migration) => [migration.number, migration]));
  for (const done of applied) {
    const file = files.get(done.number);
    if (!file) {
      throw new MigrationRefused(
        `The database knows ${done.name}, this program does not: it is older than the database.`,
      );
    }
    if (file.sha256 !== done.sha256 || file.name !== done.name) {
      throw new MigrationRefused(
        `${file.name} was changed after it was applied. Migrations go forward only: add a new one.`,
      );
    }
  }
  const last = Math.max(0, ...applied.map(({ number }) => number));
  const done = new Set(applied.map(({ number }) => number));
  const pending = migrations.filter(({ number }) => !done.has(number));
  const late = pending.find(({ number }) => number < last);
  if (late) throw new MigrationRefused(`${late.name} stands before a migration that is already applied.`);
  return pending;
}

/** The names of the migrations that the database has had; for `/readyz`. Empty on a new database. */
export async function appliedMigrations(client: ClientBase | Pool): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT name FROM gatehouse.migration ORDER BY number",
  );
  return rows.map(({ name }) => name);
}

async function createRegister(owner: ClientBase): Promise<void> {
  // Asked first: CREATE … IF NOT EXISTS says so in a notice on every start.
  const { rows } = await owner.query<{ there: boolean }>(
    "SELECT to_regclass('gatehouse.migration') IS NOT NULL AS there",
  );
  if (rows[0]?.there) return;
  await owner.query(`
    BEGIN;
    CREATE SCHEMA gatehouse;
    GRANT USAGE ON SCHEMA gatehouse TO gatehouse_app, gatehouse_reader;
    CREATE TABLE gatehouse.migration (
      number     integer     PRIMARY KEY CHECK (number > 0),
      name       text        NOT NULL,
      sha256     text        NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
      applied_at timestamptz NOT NULL DEFAULT now()
    );
    GRANT SELECT ON gatehouse.migration TO gatehouse_app, gatehouse_reader;
    -- PostgreSQL lets everybody call a new function; here each one is granted by name.
    ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
    COMMIT;`);
}

async function readApplied(owner: ClientBase): Promise<AppliedMigration[]> {
  const { rows } = await owner.query<AppliedMigration>(
    "SELECT number, name, sha256 FROM gatehouse.migration ORDER BY number",
  );
  return rows;
}

async function apply(owner: ClientBase, migration: Migration): Promise<void> {
  try {
    await owner.query("BEGIN");
    const transaction = await currentTransaction(owner);
    await owner.query(migration.sql);
    if ((await currentTransaction(owner)) !== transaction) {
      throw new MigrationRefused("it ends the transaction that it runs in.");
    }
    await owner.query("INSERT INTO gatehouse.migration (number, name, sha256) VALUES ($1, $2, $3)", [
      migration.number,
      migration.name,
      migration.sha256,
    ]);
    await owner.query("COMMIT");
  } catch (cause) {
    await owner.query("ROLLBACK");
    const reason = cause instanceof Error ? `${cause.message}${place(migration.sql, cause)}` : String(cause);
    throw new Error(`Migration ${migration.name} failed: ${reason}`, { cause });
  }
}

async function currentTransaction(owner: ClientBase): Promise<string | undefined> {
  const { rows } = await owner.query<{ id: string }>("SELECT pg_current_xact_id()::text AS id");
  return rows[0]?.id;
}

/** The line that the server complains about. */
function place(sql: string, error: Error): string {
  const position = error instanceof DatabaseError ? Number(error.position) : Number.NaN;
  return Number.isNaN(position) ? "" : ` (line ${sql.slice(0, position).split("\n").length})`;
}
