import type { Writable } from "node:stream";
import type { Tx } from "../../door/tables.ts";
import { eachEntry } from "./bodies.ts";
import { writeBundle, type BundleEntry, type WrittenBundle } from "./bundle.ts";
import type { CanonicalValue } from "./canonical.ts";
import { findCheckpoint } from "./checkpoints.ts";
import { tileStore } from "./store.ts";
import { tileNodeReader } from "./tiles.ts";

export interface ExportOptions {
  /** Every entry from (inclusive) to (exclusive), which the bundle proves complete; or chosen ones, by index, ascending. */
  readonly content: { readonly from: number; readonly to: number } | { readonly indexes: readonly number[] };
  /** The tlog-policy to enclose. */
  readonly policy: string;
  /** What was asked for, by whom and when. */
  readonly query: { readonly [name: string]: CanonicalValue };
}

/**
 * Writes an evidence bundle of the log. Refuses (RangeError) what the newest checkpoint does not cover: call `settle`
 * of the audit service first.
 */
export async function exportBundle(out: Writable, tx: Tx, options: ExportOptions): Promise<WrittenBundle> {
  const { content, policy, query } = options;
  const last = await findCheckpoint(tx, "newest");
  if (last === undefined) throw new RangeError("nothing is signed yet");
  const start = "from" in content ? content.from : (content.indexes[0] ?? 0);
  const first = start === 0 ? undefined : await findCheckpoint(tx, { upTo: start });
  return await writeBundle(out, {
    content: "from" in content ? { kind: "range", ...content } : { kind: "selection" },
    source: {
      entries: "from" in content ? eachEntry(tx, content.from, content.to) : chosen(tx, content.indexes),
      nodes: tileNodeReader(tileStore(tx), last.size),
    },
    checkpoints: {
      last: last.note,
      ...(first !== undefined && first.origin === last.origin ? { first: first.note } : {}),
    },
    policy,
    query,
  });
}

const CHOSEN_A_TRIP = 500;

async function* chosen(tx: Tx, indexes: readonly number[]): AsyncGenerator<BundleEntry> {
  for (let at = 0; at < indexes.length; at += CHOSEN_A_TRIP) {
    const rows = await tx
      .selectFrom("audit.log")
      .select(["idx", "body"])
      .where("idx", "in", indexes.slice(at, at + CHOSEN_A_TRIP).map(BigInt))
      .orderBy("idx")
      .execute();
    for (const { idx, body } of rows) yield { index: Number(idx), body };
  }
}
