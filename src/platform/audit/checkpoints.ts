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
    .selectFrom("audit.checkpoint")
    .select(["origin", "size", "root", "note", "signed_at"])
    .limit(1);
  const chosen =
    which === "newest"
      ? base.orderBy("signed_at", "desc").orderBy("size", "desc")
      : "upTo" in which
        ? base.where("size", "<=", BigInt(which.upTo)).orderBy("size", "desc").orderBy("signed_at", "desc")
        : base
            .orderBy("signed_at", "desc")
            .orderBy("size", "desc")
            .where("size", ">=", BigInt(which.atLeast));
  const row = await chosen.executeTakeFirst();
  if (row === undefined) return undefined;
  const lines = await tx
    .selectFrom("audit.cosignature")
    .select(["witness", "line", "at"])
    .where("origin", "=", row.origin)
    .where("size", "=", row.size)
    .orderBy("witness")
    .execute();
  return {
    origin: row.origin,
    size: Number(row.size),
    root: row.root,
    signedAt: row.signed_at,
    note: row.note + lines.map(({ line }) => line).join(""),
    cosignatures: lines.map(({ witness, at }) => ({ witness, at })),
  };
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
