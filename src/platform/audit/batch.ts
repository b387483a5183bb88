import { DatabaseError } from "pg";
import type { Severity } from "../../door/event.ts";
import { type Reading, takeStatement } from "./batch-sql.ts";
import type { TreeEdge } from "./edge.ts";
import { type Head, type Lead, lockHead, readEdge } from "./leader.ts";
import { type Fault, stageOwnEvents, integrityEvents } from "./own-events.ts";

/** What one transaction of the sequencer did. */
export interface Batch {
  readonly taken: number;
  readonly severity: Severity;
  readonly edge: TreeEdge;
  /** The lowest transaction that can still bring rows, when this batch emptied the stage. */
  readonly lowest: string | undefined;
}

export interface BatchOptions {
  /** Rows a transaction. */
  readonly limit: number;
  readonly now: () => Date;
  /** Called between any two statements: a seam for tests that kill the sequencer there. */
  readonly step: (name: string) => Promise<void>;
}

interface Taken {
  taken: number;
  leaves: Buffer | null;
  severity: Severity | null;
  odd: Fault[] | null;
  lowest: string;
}

/**
 * Moves up to `limit` committed events from the stage into log and tree, in one transaction: either all of it has
 * happened or nothing. `edge` is the leader's own copy; it is read anew when the database's tree has another size.
 */
export async function sequenceBatch(
  lead: Lead,
  edge: TreeEdge,
  lowest: string,
  options: BatchOptions,
): Promise<Batch> {
  try {
    return await attempt(lead, edge, lowest, "quick", options);
  } catch (error) {
    // A body that is no event: somebody wrote to the stage past the log. It is logged too, as what it is.
    // 22, 23: values that the columns do not take; 54: nested too deep, or too long for an index.
    if (!(error instanceof DatabaseError) || !/^(2[23]|54)/.test(error.code ?? "")) throw error;
    return await attempt(lead, edge, lowest, "safe", options);
  }
}

async function attempt(
  lead: Lead,
  known: TreeEdge,
  lowest: string,
  reading: Reading,
  { limit, now, step }: BatchOptions,
): Promise<Batch> {
  const { client } = lead;
  await client.query("BEGIN");
  try {
    await step("begun");
    const head = await lockHead(lead);
    const edge = known.size === head.size ? known : await readEdge(client);
    await step("locked");
    const taken = await take(lead, head, lowest, limit, reading);
    await step("taken");
    if (taken.taken === 0) {
      await client.query("ROLLBACK");
      return { taken: 0, severity: 0, edge, lowest: taken.lowest };
    }
    const grown = await grow(lead, head, edge, taken, now(), step);
    await client.query("COMMIT");
    await step("committed");
    const emptied = taken.taken < limit;
    return {
      taken: taken.taken,
      severity: taken.severity ?? 0,
      edge: grown,
      lowest: emptied ? taken.lowest : undefined,
    };
  } catch (error) {
    // The connection may be what broke; then there is nothing to roll back, and the first error is the one to tell.
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

async function take(
  { client }: Lead,
  head: Head,
  lowest: string,
  limit: number,
  reading: Reading,
): Promise<Taken> {
  const { rows } = await client.query<Taken>({
    name: `take_${reading}`,
    text: takeStatement(reading),
    values: [lowest, limit, head.size, head.month],
  });
  const taken = rows[0];
  if (taken === undefined) throw new Error("an aggregate gave no row");
  return taken;
}

/** Appends the leaves, writes the tiles that they filled, and moves the head. */
async function grow(
  lead: Lead,
  head: Head,
  edge: TreeEdge,
  taken: Taken,
  at: Date,
  step: BatchOptions["step"],
): Promise<TreeEdge> {
  const { client } = lead;
  const grown = edge.append(taken.leaves ?? Buffer.alloc(0));
  if (grown.tiles.length > 0) {
    await client.query({
      name: "tiles",
      text: "INSERT INTO audit.tile (level, index, hashes) SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bytea[])",
      values: [
        grown.tiles.map(({ level }) => level),
        grown.tiles.map(({ index }) => index),
        grown.tiles.map(({ hashes }) => hashes),
      ],
    });
    await step("tiled");
  }
  const own = integrityEvents(taken.odd ?? [], at);
  const ownSeq = await stageOwnEvents(client, head.ownSeq, own);
  await step("reported");
  const moved = await client.query({
    name: "move_head",
    text: `UPDATE audit.head SET size = $2, edge = $3::bytea[], own_seq = $4, month = $5::date, grown_at = now()
           WHERE generation = $1 AND size = $6`,
    values: [lead.generation, grown.edge.size, grown.edge.levels, ownSeq, head.month, head.size],
  });
  if (moved.rowCount !== 1) throw new Error("the head of the log moved under its lock");
  await step("moved");
  return grown.edge;
}
