import { z } from "zod";
import { query } from "../door/command.ts";
import { Refusal } from "../door/refusal.ts";
import type { Tx } from "../door/tables.ts";
import { findCheckpoint, type SignedCheckpoint } from "../platform/audit/checkpoints.ts";
import { overflowOf } from "../platform/audit/details.ts";
import { inclusionProof, leafHash, nodeHash } from "../platform/audit/merkle.ts";
import { proveEntry } from "../platform/audit/proof.ts";
import { tileStore } from "../platform/audit/store.ts";
import { tileNodeReader } from "../platform/audit/tiles.ts";
import { type Entry, entryOf, type EntryRow } from "./entry.ts";

/** A sibling on the way from the event's hash to the signed root, and what the two make together. */
export interface Step {
  readonly side: "left" | "right";
  readonly hash: string;
  readonly parent: string;
}

/** Whether and how an event is proved. */
export type ProofStatus =
  /** Newer than the newest checkpoint: signed within seconds. */
  | { readonly state: "waiting" }
  /** The stored bytes are not those that were signed. */
  | { readonly state: "broken"; readonly checkpoint: SignedCheckpoint }
  | {
      readonly state: "proved";
      readonly checkpoint: SignedCheckpoint;
      readonly leaf: string;
      readonly steps: readonly Step[];
      readonly root: string;
    };

export interface EventPage {
  readonly entry: Entry;
  /** The verbatim bytes that are hashed. */
  readonly body: Buffer;
  readonly proof: ProofStatus;
  /** Whether the log goes on after this event. */
  readonly hasNext: boolean;
}

const Index = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** One event, with its proof drawn from the tiles. */
export const event = query({
  name: "audit.event",
  input: z.strictObject({ idx: Index }),
  run: async ({ tx, input: { idx } }): Promise<EventPage> => {
    const [row, path, { size }] = await Promise.all([
      readRow(tx, idx),
      readPath(tx, idx),
      tx.selectFrom("audit.head").select("size").executeTakeFirstOrThrow(),
    ]);
    const whole = await overflowOf(tx, row.body);
    return {
      // what did not fit into the body stands beside the log, under the hash that the body names
      entry: entryOf(whole === null ? row : { ...row, body: whole }),
      body: row.body,
      proof: path === undefined ? { state: "waiting" } : proofStatus(row, path),
      hasNext: Number(size) > idx + 1,
    };
  },
  logged: (_input, { entry }) => ({
    target: [{ type: "audit-event", id: entry.id }],
    facts: { idx: entry.idx },
  }),
});

/** The `.tlog-proof` file of an event: proves it offline, together with a trust policy. */
export const proof = query({
  name: "audit.proof",
  input: z.strictObject({ idx: Index }),
  run: async ({ tx, audit, input: { idx } }): Promise<{ id: string; file: string }> => {
    const row = await readRow(tx, idx);
    let checkpoint = await findCheckpoint(tx, { atLeast: idx + 1 });
    if (checkpoint === undefined) {
      await audit.settle();
      checkpoint = await findCheckpoint(tx, { atLeast: idx + 1 });
    }
    if (checkpoint === undefined) throw new Refusal("unavailable", "not_signed_yet", { retryAfter: 10 });
    const nodes = tileNodeReader(tileStore(tx), checkpoint.size);
    const file = await proveEntry(
      { index: idx, body: row.body },
      { note: checkpoint.note, head: checkpoint },
      nodes,
    );
    return { id: row.id, file };
  },
  logged: ({ idx }, { id }) => ({ target: [{ type: "audit-event", id }], facts: { idx } }),
});

async function readRow(tx: Tx, idx: number): Promise<EntryRow> {
  const row = await tx
    .selectFrom("audit.log")
    .select(["id", "at", "action", "category", "crud", "outcome", "code", "severity", "body"])
    .where("idx", "=", BigInt(idx))
    .executeTakeFirst();
  if (row === undefined) throw new Refusal("not-found", "not_found");
  return { idx, ...row };
}

/** The siblings on the way to the newest signed root; undefined while none covers the event. */
async function readPath(
  tx: Tx,
  idx: number,
): Promise<{ checkpoint: SignedCheckpoint; path: Buffer[] } | undefined> {
  const checkpoint = await findCheckpoint(tx, { atLeast: idx + 1 });
  if (checkpoint === undefined) return undefined;
  const nodes = tileNodeReader(tileStore(tx), checkpoint.size);
  return { checkpoint, path: await inclusionProof(idx, checkpoint.size, nodes) };
}

function proofStatus(
  { idx, body }: EntryRow,
  { checkpoint, path }: { checkpoint: SignedCheckpoint; path: readonly Buffer[] },
): ProofStatus {
  const leaf = leafHash(body);
  const { steps, root } = climb(leaf, idx, checkpoint.size, path);
  if (!root.equals(checkpoint.root)) return { state: "broken", checkpoint };
  return { state: "proved", checkpoint, leaf: leaf.toString("hex"), steps, root: root.toString("hex") };
}

/** Joins the siblings one after the other, as RFC 9162 (2.1.3.2) does, and keeps what each joining gave. */
export function climb(
  leaf: Buffer,
  index: number,
  size: number,
  path: readonly Buffer[],
): { steps: Step[]; root: Buffer } {
  const steps: Step[] = [];
  let [at, last, root] = [index, size - 1, leaf];
  for (const sibling of path) {
    const side = at % 2 === 1 || at === last ? "left" : "right";
    root = side === "left" ? nodeHash(sibling, root) : nodeHash(root, sibling);
    if (side === "left") while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    steps.push({ side, hash: sibling.toString("hex"), parent: root.toString("hex") });
  }
  return { steps, root };
}
