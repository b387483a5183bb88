import type { Pool, PoolClient } from "pg";
import { TreeEdge } from "./edge.ts";

/** The advisory lock of whoever sequences. Held by the very connection that does it. */
const LEADER_LOCK = [71_171, 20];

/** Leadership: a connection with the lock, and the number that fences off everybody who led before. */
export interface Lead {
  readonly client: PoolClient;
  readonly generation: number;
}

/** A pool or one of its connections. */
export type Querier = Pick<Pool, "query"> | Pick<PoolClient, "query">;

/** Another process leads now: this one must stop at once. */
export class LeadLost extends Error {
  override readonly name = "LeadLost";
}

/** Tries to lead; undefined while somebody else does. */
export async function tryToLead(client: PoolClient, name: string): Promise<Lead | undefined> {
  const lock = await client.query<{ won: boolean }>(
    "SELECT pg_try_advisory_lock($1::int, $2::int) AS won",
    LEADER_LOCK,
  );
  if (lock.rows[0]?.won !== true) return undefined;
  // This connection reads and writes by index only, also while statistics are young.
  await client.query("SET enable_seqscan = off");
  // A batch of events is worked on in memory; a temporary file would be slow, and a copy of them.
  await client.query("SET work_mem = '64MB'");
  const { rows } = await client.query<{ generation: number }>(
    `UPDATE audit.head SET generation = generation + 1, leader = $1, led_at = now()
     RETURNING generation::float8 AS generation`,
    [name],
  );
  return { client, generation: rows[0]?.generation ?? 0 };
}

/** Gives leadership back, so that a successor need not wait for the connection to end. */
export async function stopLeading({ client }: Lead): Promise<void> {
  await client.query("RESET enable_seqscan");
  await client.query("RESET work_mem");
  await client.query("SELECT pg_advisory_unlock($1::int, $2::int)", LEADER_LOCK);
}

/** The head of the tree as the database has it. */
export interface Head {
  readonly size: number;
  readonly ownSeq: number;
  /** First day of the month that a batch belongs to, `YYYY-MM-DD`. */
  readonly month: string;
}

/** Locks the head for a batch. Throws `LeadLost` when the generation is no longer ours. */
export async function lockHead({ client, generation }: Lead): Promise<Head> {
  const { rows } = await client.query<{ size: number; ownSeq: number; month: string }>(
    `SELECT size::float8 AS size, own_seq::float8 AS "ownSeq",
            greatest(month, date_trunc('month', now() AT TIME ZONE 'UTC')::date)::text AS month
     FROM audit.head WHERE generation = $1 FOR UPDATE`,
    [generation],
  );
  const head = rows[0];
  if (head === undefined) throw new LeadLost("another process leads the log");
  return head;
}

/** Reads the edge of the tree. */
export async function readEdge(client: Querier): Promise<TreeEdge> {
  const { rows } = await client.query<{ size: number; edge: Buffer[] }>(
    "SELECT size::float8 AS size, edge FROM audit.head",
  );
  const head = rows[0];
  if (head === undefined) throw new Error("the log has no head");
  return new TreeEdge(head.size, head.edge);
}
