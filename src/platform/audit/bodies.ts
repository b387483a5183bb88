import type { Tx } from "../../door/tables.ts";
import type { BundleEntry } from "./bundle.ts";

/** Rows a trip: some megabytes. */
const A_TRIP = 4_000;

/**
 * The entries from (inclusive) to (exclusive), in order, some thousand at a time. What is missing is left out: who
 * reads compares the indexes.
 */
export async function* entriesBetween(tx: Tx, from: number, to: number): AsyncGenerator<BundleEntry[]> {
  for (let next = from; next < to; next += A_TRIP) {
    const rows = await tx
      .selectFrom("audit.log")
      .select(["idx", "body"])
      .where("idx", ">=", BigInt(next))
      .where("idx", "<", BigInt(Math.min(next + A_TRIP, to)))
      .orderBy("idx")
      .execute();
    yield rows.map(({ idx, body }) => ({ index: Number(idx), body }));
  }
}

/** The same, one by one. */
export async function* eachEntry(tx: Tx, from: number, to: number): AsyncGenerator<BundleEntry> {
  for await (const batch of entriesBetween(tx, from, to)) yield* batch;
}
