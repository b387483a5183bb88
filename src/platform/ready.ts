import { access, constants, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Pool } from "pg";
import type { Clock } from "../door/clock.ts";
import type { Tx } from "../door/tables.ts";
import { appliedMigrations } from "./database/index.ts";
import { readMigrations } from "./database/migrate.ts";

/*
 * What `/readyz` asks. Each function says no by throwing, with a reason that is for the operator's log.
 */

/** The sequencer moves events within a second; after this long nobody moves them, and nothing new is proved. */
const SEQUENCER_LAG_SECONDS = 30;

/** PostgreSQL stops when its disk is full, and needs room to recover: 512 MiB is 32 segments of its write-ahead log. */
const DISK_FREE_BYTES = 512 * 1024 * 1024;

/** The database answers. */
export async function databaseAnswers(read: Tx): Promise<void> {
  await read.selectNoFrom((e) => e.val(1).as("one")).execute();
}

/** The database has had exactly the migrations of this program: not one less, and none of a newer one. */
export async function migrationsApplied(pool: Pool, root: string): Promise<void> {
  const [files, applied] = await Promise.all([
    readMigrations(join(root, "migrations")),
    appliedMigrations(pool),
  ]);
  const wanted = files.map(({ name }) => name).join();
  if (wanted !== applied.join()) throw new Error("the migrations of program and database differ");
}

/** The keyring is still there and can be read: a restart would find it. */
export async function keyringReadable(path: string): Promise<void> {
  await access(path, constants.R_OK);
}

/**
 * The oldest staged event is young: the log grows, in whichever process the sequencer runs. `pool` is the sequencer's,
 * which alone may read the stage.
 */
export async function sequencerKeepsUp(pool: Pool, clock: Clock): Promise<void> {
  const { rows } = await pool.query<{ at: string }>(
    "SELECT convert_from(body, 'UTF8')::json ->> 'at' AS at FROM audit.stage ORDER BY xid LIMIT 1",
  );
  const [oldest] = rows;
  if (oldest === undefined) return;
  const lag = Math.round((clock.now().getTime() - new Date(oldest.at).getTime()) / 1000);
  if (lag > SEQUENCER_LAG_SECONDS) throw new Error(`the oldest staged event waits for ${lag} s`);
}

/** There is room where the data lies. */
export async function diskHasRoom(path: string, freeBytes = DISK_FREE_BYTES): Promise<void> {
  const { bavail, bsize } = await statfs(path);
  if (bavail * bsize < freeBytes) throw new Error(`less than ${freeBytes} bytes are free`);
}
