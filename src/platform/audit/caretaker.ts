import type { StagedEvent } from "../../door/event.ts";
import { type Lead, lockHead } from "./leader.ts";
import { type Fault, integrityEvents, SEQUENCER_WRITER, stageOwnEvents } from "./own-events.ts";
import { systemEvent } from "./system-event.ts";
import { WRITER_LOCK } from "./writer.ts";

/** Numbers closed by one event. */
const VOIDS_AN_EVENT = 500;
/** Faults looked at in one round; the next round finds the rest. */
const GAPS_A_ROUND = 5_000;

export interface CareOptions {
  readonly now: () => Date;
  /**
   * A writer's lock has been free for so many milliseconds: longer than any statement of it can still run on the
   * server after its process is gone (statement_timeout of the application's role is 10 s).
   */
  readonly deadAfterMs: number;
  /** A number is missing below a higher one for so many milliseconds: nobody closes it any more. */
  readonly gapAfterMs: number;
}

/** What the caretaker remembers between its rounds. */
export interface CareMemory {
  /** When a writer's lock was first found free, by its id. */
  readonly freeSince: Map<string, number>;
  /** When a gap was first seen, by `writer seq`. */
  readonly gapSince: Map<string, number>;
}

export const newCareMemory = (): CareMemory => ({ freeSince: new Map(), gapSince: new Map() });

/**
 * One round: ends the ranges of writers whose process is gone, and names the gaps that nobody closed.
 * Gives the number of events staged.
 */
export async function careForWriters(lead: Lead, memory: CareMemory, options: CareOptions): Promise<number> {
  const ended = await deadWriters(lead, memory, options);
  const gaps = await lastingGaps(lead, memory, options);
  if (ended.length === 0 && gaps.length === 0) return 0;
  const { client } = lead;
  await client.query("BEGIN");
  try {
    const { ownSeq } = await lockHead(lead);
    const events: StagedEvent[] = [];
    for (const writer of ended) events.push(...(await endWriter(lead, writer, options.now())));
    events.push(...(await reportGaps(lead, gaps, options.now())));
    const seq = await stageOwnEvents(client, ownSeq, events);
    await client.query("UPDATE audit.head SET own_seq = $1", [seq]);
    await client.query("COMMIT");
    for (const writer of ended) memory.freeSince.delete(writer);
    return events.length;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined); // the first error is the one to tell
    throw error;
  }
}

/** Registered writers that hold no lock, for long enough. */
async function deadWriters({ client }: Lead, memory: CareMemory, options: CareOptions): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT w.id FROM audit.writer w LEFT JOIN audit.writer_progress p ON p.writer = w.id
     WHERE p.ended_at IS NULL AND w.id <> $2 AND NOT EXISTS (
       SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
       WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.granted
         AND l.classid = $1 AND l.objid::int8 = (hashtext(w.id::text)::int8 & 4294967295))`,
    [WRITER_LOCK, SEQUENCER_WRITER],
  );
  const now = options.now().getTime();
  const free = new Set(rows.map(({ id }) => id));
  for (const id of memory.freeSince.keys()) if (!free.has(id)) memory.freeSince.delete(id);
  return [...free].filter((id) => {
    const since = memory.freeSince.get(id);
    if (since === undefined) memory.freeSince.set(id, now);
    return now - (since ?? now) >= options.deadAfterMs;
  });
}

interface GapRow {
  writer: string;
  seq: number;
}

/** Numbers missing below a higher one, of this writer or (without one) of any living writer. */
const GAPS = `SELECT p.writer, seq::float8 AS seq
  FROM audit.writer_progress p,
       unnest(int8multirange(int8range(1, greatest(1, upper(p.seen)))) - p.seen - p.reported) AS gap,
       -- as far as will be used: one forged number can open a gap of billions
       generate_series(lower(gap), least(upper(gap), lower(gap) + $2::bigint) - 1) AS seq
  WHERE NOT isempty(p.seen) AND ($1::uuid IS NULL OR p.writer = $1::uuid)
  LIMIT $2`;

async function lastingGaps({ client }: Lead, memory: CareMemory, options: CareOptions): Promise<Fault[]> {
  const { rows } = await client.query<GapRow>(GAPS, [null, GAPS_A_ROUND]);
  const now = options.now().getTime();
  const names = new Set(rows.map(({ writer, seq }) => `${writer} ${seq}`));
  for (const name of memory.gapSince.keys()) if (!names.has(name)) memory.gapSince.delete(name);
  const lasting = rows.filter(({ writer, seq }) => {
    const name = `${writer} ${seq}`;
    const since = memory.gapSince.get(name);
    if (since === undefined) memory.gapSince.set(name, now);
    return now - (since ?? now) >= options.gapAfterMs;
  });
  return lasting.map(({ writer, seq }) => ({ fault: "gap", writer, seq }));
}

/** Closes the numbers that a dead writer used and lost, and says which number was its last. */
async function endWriter({ client }: Lead, writer: string, at: Date): Promise<StagedEvent[]> {
  await client.query(
    `INSERT INTO audit.writer_progress (writer, seen, ended_at) VALUES ($1, '{}', now())
     ON CONFLICT (writer) DO UPDATE SET ended_at = now()`,
    [writer],
  );
  const { rows } = await client.query<GapRow>(GAPS, [writer, 1_000_000]);
  const last = await client.query<{ last: number }>(
    "SELECT coalesce(upper(seen) - 1, 0)::float8 AS last FROM audit.writer_progress WHERE writer = $1",
    [writer],
  );
  const target = [{ type: "audit-writer", id: writer }];
  const facts = { last: last.rows[0]?.last ?? 0, closed: rows.length };
  const events = [systemEvent(at, "audit.writer_ended", { target, facts })];
  for (let from = 0; from < rows.length; from += VOIDS_AN_EVENT) {
    const voids = rows.slice(from, from + VOIDS_AN_EVENT).map(({ seq }) => ({ writer, seq }));
    events.push(systemEvent(at, "audit.void", { target, facts: { count: voids.length }, voids }));
  }
  return events;
}

async function reportGaps({ client }: Lead, gaps: readonly Fault[], at: Date): Promise<StagedEvent[]> {
  if (gaps.length === 0) return [];
  await client.query(
    `UPDATE audit.writer_progress p SET reported = p.reported + g.gaps
     FROM (SELECT writer, range_agg(int8range(seq, seq, '[]')) AS gaps
           FROM unnest($1::uuid[], $2::bigint[]) AS t(writer, seq) GROUP BY writer) g
     WHERE p.writer = g.writer`,
    [gaps.map(({ writer }) => writer), gaps.map(({ seq }) => seq)],
  );
  return integrityEvents(gaps, at);
}
