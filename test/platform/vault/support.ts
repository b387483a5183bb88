import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pool, PoolClient } from "pg";
import { vi } from "vitest";
import type { Clock } from "../../../src/door/clock.ts";
import type { FieldRef } from "../../../src/door/command.ts";
import { uuidv7 } from "../../../src/door/ids.ts";
import { makeRelease, type Release, type ReleaseTerms } from "../../../src/door/release.ts";
import type { Tx } from "../../../src/door/tables.ts";
import { over } from "../../../src/door/transaction.ts";
import type { CellAddress, Protectable } from "../../../src/platform/vault/index.ts";

/** A clock that stands still until it is told to move. */
export function standingClock(at = "2026-03-05T01:00:00.000Z"): Clock & { forward(ms: number): void } {
  let now = Date.parse(at);
  return { now: () => new Date(now), forward: (ms) => void (now += ms) };
}

/** A directory of the test's own, for a keyring. */
export function tempDirectory(): { path: string; keyring: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "gatehouse-vault-"));
  return { path, keyring: join(path, "keyring.json"), remove: () => rmSync(path, { recursive: true }) };
}

/** A place for a value; the test says what matters to it. */
export function cell(of: Partial<CellAddress> = {}): CellAddress {
  return {
    subject: uuidv7(),
    table: "members.member",
    column: "phone_ct",
    rowId: uuidv7(),
    type: "phone",
    ...of,
  };
}

/** A member's value, with its place. */
export function profile(of: Partial<CellAddress> & { plain: string }): Protectable {
  return { purpose: "profile", ...cell(of), plain: of.plain };
}

/** What the door would make for these fields. */
export function released(fields: readonly FieldRef[], terms?: ReleaseTerms): Release {
  return makeRelease(uuidv7(), fields, terms);
}

/** Works in a transaction as the door opens one: a command row first, an event last. */
export async function inCommand<T>(pool: Pool, work: (tx: Tx, client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await client.query(
      "INSERT INTO door.command (id, name, actor_type, actor_id, input_digest) VALUES ($1, 'test.vault', 'operator', 'test', $2)",
      [uuidv7(), Buffer.alloc(32)],
    );
    const result = await work(over(client), client);
    await client.query("INSERT INTO audit.stage (writer, writer_seq, body) VALUES ($1, 1, $2)", [
      randomUUID(),
      Buffer.from("{}"),
    ]);
    await client.query("COMMIT");
    client.release();
    return result;
  } catch (error) {
    client.release(true); // the server rolls back what a lost connection left open
    throw error;
  }
}

/** A read-only connection, as queries have one. */
export async function inQuery<T>(pool: Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    return await work(over(client));
  } finally {
    client.release();
  }
}

/** Counts the statements that reach the server while `work` runs. */
export async function counting<T>(
  client: PoolClient,
  work: () => Promise<T>,
): Promise<{ result: T; statements: number }> {
  const spy = vi.spyOn(client, "query");
  try {
    return { result: await work(), statements: spy.mock.calls.length };
  } finally {
    spy.mockRestore();
  }
}
