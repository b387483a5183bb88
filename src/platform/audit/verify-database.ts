import type { Pool } from "pg";
import { uuidv7 } from "../../door/ids.ts";
import type { Tx } from "../../door/tables.ts";
import { entriesBetween } from "./bodies.ts";
import { type SignedCheckpoint, findCheckpoint } from "./checkpoints.ts";
import {
  HASH_BYTES,
  leafHash,
  Malformed,
  openCheckpoint,
  type Policy,
  TILE_WIDTH,
  Tampered,
  Unverifiable,
  verifyIntegrity,
  WriterLedger,
  type WriterReport,
} from "./gatehouse-verify.ts";
import { readTile } from "./store.ts";

/** What reading the whole log through came to. Integrity and completeness are two verdicts, never one. */
export interface LogReport {
  /** 0 verified, 1 tampered or incomplete, 2 not verifiable, 3 malformed. */
  readonly exit: 0 | 1 | 2 | 3;
  readonly size: number;
  readonly origin: string | undefined;
  readonly integrity: {
    readonly verdict: "verified" | "tampered" | "unverifiable" | "malformed";
    /** The lowest index that is missing, doubled or not what was signed, where it can be told. */
    readonly firstBad?: number;
    readonly reason?: string;
  };
  readonly completeness: {
    readonly verdict: "complete" | "incomplete" | "unknown";
    readonly writers?: WriterReport;
  };
  readonly witnesses: { readonly seen: readonly { name: string; at: number }[]; readonly quorumMet: boolean };
  /** Entries past the newest checkpoint: in the log, and not signed yet. */
  readonly unsigned: number;
}

/**
 * Reads the log from its first entry to the newest checkpoint and compares it with what was signed. Holds some
 * thousand entries at a time. Throws only when the database does not answer: that is "could not tell", not a verdict.
 */
export async function verifyDatabase(tx: Tx, policy: Policy): Promise<LogReport> {
  const { size: inTree } = await tx.selectFrom("audit.head").select("size").executeTakeFirstOrThrow();
  const checkpoint = await findCheckpoint(tx, "newest");
  if (checkpoint === undefined) return nothingSigned(Number(inTree));
  const base = {
    size: checkpoint.size,
    origin: checkpoint.origin,
    unsigned: Math.max(0, Number(inTree) - checkpoint.size),
  };
  const signature = believe(checkpoint, policy);
  if ("reason" in signature)
    return {
      ...base,
      exit: signature.verdict === "malformed" ? 3 : 2,
      integrity: signature,
      completeness: { verdict: "unknown" },
      witnesses: { seen: [], quorumMet: false },
    };
  const witnesses = { seen: signature.seen, quorumMet: signature.quorumMet };

  const ledger = new WriterLedger();
  let unreadable = 0;
  const visit = (body: Uint8Array, index: number) => {
    try {
      ledger.visit(body, index);
    } catch (error) {
      // Somebody staged what is no event. It is in the log as it came; only about numbers it says nothing.
      if (!(error instanceof Malformed)) throw error;
      unreadable += 1;
    }
  };
  const integrity = await readThrough(tx, checkpoint, visit);
  const writers = integrity.verdict === "verified" ? ledger.report() : undefined;
  const isComplete =
    writers !== undefined &&
    unreadable + writers.doubled.length + writers.unnumbered === 0 &&
    !writers.gaps.some(({ settled }) => settled);
  const completeness =
    writers === undefined
      ? ({ verdict: "unknown" } as const)
      : { verdict: isComplete ? ("complete" as const) : ("incomplete" as const), writers };
  const bad = integrity.verdict === "tampered" || completeness.verdict === "incomplete";
  const exit = bad ? 1 : witnesses.quorumMet ? 0 : 2;
  return { ...base, exit, integrity, completeness, witnesses };
}

function nothingSigned(inTree: number): LogReport {
  return {
    exit: inTree === 0 ? 0 : 2,
    size: 0,
    origin: undefined,
    integrity:
      inTree === 0 ? { verdict: "verified" } : { verdict: "unverifiable", reason: "nothing is signed" },
    completeness: { verdict: inTree === 0 ? "complete" : "unknown" },
    witnesses: { seen: [], quorumMet: true },
    unsigned: inTree,
  };
}

type Believed = { seen: { name: string; at: number }[]; quorumMet: boolean };

/** The signature before anything else: a tree that nobody signed proves nothing. */
function believe(
  { note, size, root }: SignedCheckpoint,
  policy: Policy,
): Believed | { verdict: "unverifiable" | "malformed"; reason: string } {
  try {
    const { checkpoint, cosignatures, quorumMet } = openCheckpoint(Buffer.from(note), policy);
    if (checkpoint.size !== size || !checkpoint.root.equals(root))
      return { verdict: "malformed", reason: "the row of the checkpoint is not its note" };
    return { seen: cosignatures.map(({ witness, at }) => ({ name: witness, at })), quorumMet };
  } catch (error) {
    if (error instanceof Unverifiable) return { verdict: "unverifiable", reason: error.message };
    if (error instanceof Malformed) return { verdict: "malformed", reason: error.message };
    throw error;
  }
}

async function readThrough(
  tx: Tx,
  checkpoint: SignedCheckpoint,
  visit: (body: Uint8Array, index: number) => void,
): Promise<LogReport["integrity"]> {
  try {
    const { intact } = await verifyIntegrity(contiguous(tx, checkpoint.size), checkpoint, { visit });
    if (intact) return { verdict: "verified" };
    const firstBad = await firstDifference(tx, checkpoint.size);
    const reason = "the entries do not make the tree that was signed";
    return { verdict: "tampered", reason, ...(firstBad === undefined ? {} : { firstBad }) };
  } catch (error) {
    if (error instanceof Missing)
      return { verdict: "tampered", reason: error.message, firstBad: error.index };
    throw error;
  }
}

class Missing extends Tampered {
  readonly index: number;
  constructor(index: number) {
    super(`entry ${index} is missing`);
    this.index = index;
  }
}

/** Bodies in batches. Throws where an index is missing. */
async function* contiguous(tx: Tx, size: number): AsyncGenerator<Buffer[]> {
  let next = 0;
  for await (const batch of entriesBetween(tx, 0, size)) {
    for (const { index } of batch) {
      if (index !== next) throw new Missing(next);
      next += 1;
    }
    yield batch.map(({ body }) => body);
  }
  if (next < size) throw new Missing(next);
}

/** The first entry whose hash is not the one in its tile; undefined when the tiles were changed along with it. */
async function firstDifference(tx: Tx, size: number): Promise<number | undefined> {
  let tile: { index: number; hashes: Buffer | undefined } | undefined;
  for await (const batch of entriesBetween(tx, 0, size)) {
    for (const { index, body } of batch) {
      const number = Math.floor(index / TILE_WIDTH);
      if (tile?.index !== number) {
        const width = Math.min(TILE_WIDTH, size - number * TILE_WIDTH);
        tile = { index: number, hashes: await readTile(tx, { level: 0, index: number, width }) };
      }
      const at = (index % TILE_WIDTH) * HASH_BYTES;
      if (tile.hashes?.subarray(at, at + HASH_BYTES).equals(leafHash(body)) === false) return index;
    }
  }
  return undefined;
}

/** Keeps what a verification came to, for the status page. */
export async function keepVerification(
  pool: Pool,
  report: LogReport,
  times: { startedAt: Date; finishedAt: Date },
): Promise<void> {
  await pool.query(
    `INSERT INTO audit.verification (id, started_at, finished_at, size, integrity, completeness, first_bad)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [
      uuidv7(times.finishedAt.getTime()),
      times.startedAt,
      times.finishedAt,
      report.size,
      report.integrity.verdict,
      report.completeness.verdict,
      report.integrity.firstBad ?? null,
    ],
  );
}
