import { sql } from "kysely";
import type { Tx } from "../../door/tables.ts";
import type { TreeHead } from "./merkle.ts";

/** A signed checkpoint with the statements of witnesses about it. */
export interface SignedCheckpoint extends TreeHead {
  readonly origin: string;
  readonly signedAt: Date;
  /** The note, with a line for each cosignature. */
  readonly note: string;
  readonly cosignatures: readonly { readonly witness: string; readonly at: Date }[];
}

/** The newest checkpoint; of at least this size when one is given, and then the oldest of those that are. */
export async function findCheckpoint(
  tx: Tx,
  which: { atLeast: number } | { upTo: number } | "newest",
): Promise<SignedCheckpoint | undefined> {
  const base = tx
    .selectFrom("audit.checkpoint as c")
    .select(["c.origin", "c.size", "c.root", "c.note", "c.signed_at"])
    .select(
      sql<{ witness: string; line: string; at: string }[] | null>`(
        SELECT json_agg(json_build_object('witness', s.witness, 'line', s.line, 'at', s.at) ORDER BY s.witness)
        FROM audit.cosignature s WHERE s.origin = c.origin AND s.size = c.size)`.as("cosignatures"),
    )
    .limit(1);
  const chosen =
    which === "newest"
      ? base.orderBy("c.signed_at", "desc").orderBy("c.size", "desc")
      : "upTo" in which
        ? base
            .where("c.size", "<=", BigInt(which.upTo))
            .orderBy("c.size", "desc")
            .orderBy("c.signed_at", "desc")
        : base
            .where("c.size", ">=", BigInt(which.atLeast))
            .orderBy("c.signed_at", "desc")
            .orderBy("c.size", "desc");
  const row = await chosen.executeTakeFirst();
  if (row === undefined) return undefined;
  const lines = row.cosignatures ?? [];
  return {
    origin: row.origin,
    size: Number(row.size),
    root: row.root,
    signedAt: row.signed_at,
    note: row.note + lines.map(({ line }) => line).join(""),
    cosignatures: lines.map(({ witness, at }) => ({ witness, at: new Date(at) })),
  };
}

/** The note of the largest tree of this name that a witness cosigned. */
export async function newestCosigned(tx: Tx, origin: string): Promise<string | undefined> {
  const row = await tx
    .selectFrom("audit.cosignature as s")
    .innerJoin("audit.checkpoint as c", (join) =>
      join.onRef("c.origin", "=", "s.origin").onRef("c.size", "=", "s.size"),
    )
    .select("c.note")
    .where("s.origin", "=", origin)
    .orderBy("s.size", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.note;
}

/** When each witness last made a statement, and about which size. */
export async function lastWitnessed(
  tx: Tx,
  origin: string,
): Promise<{ witness: string; size: number; at: Date }[]> {
  const rows = await tx
    .selectFrom("audit.cosignature")
    .distinctOn("witness")
    .select(["witness", "size", "at"])
    .where("origin", "=", origin)
    .orderBy("witness")
    .orderBy("size", "desc")
    .execute();
  return rows.map(({ witness, size, at }) => ({ witness, size: Number(size), at }));
}
