import type { Tx } from "../../door/tables.ts";
import { edgeWidth, TreeEdge } from "./edge.ts";
import { consistencyProof, HASH_BYTES, type TreeHead, verifyConsistency } from "./merkle.ts";
import { tileNodeReader, TILE_WIDTH, type TileId, type TileStore } from "./tiles.ts";

/**
 * Where the tree's tiles are kept: full ones in a table, the unfinished ones in the head, which a store reads once. Make
 * a store for each proof: one that is kept does not see the tree grow.
 */
export function tileStore(tx: Tx): TileStore {
  let head: Promise<TreeEdge> | undefined;
  return {
    async read(tile) {
      // A tile that was partial when the checkpoint was signed may be full by now, so both places are looked at.
      const found = tile.width < TILE_WIDTH ? partialIn(await (head ??= readHead(tx)), tile) : undefined;
      const hashes = found ?? (await readFull(tx, tile));
      if (hashes === undefined) throw new RangeError(`tile ${tile.level}/${tile.index} is not in the log`);
      return hashes;
    },
  };
}

async function readFull(tx: Tx, { level, index }: TileId): Promise<Buffer | undefined> {
  const row = await tx
    .selectFrom("audit.tile")
    .select("hashes")
    .where("level", "=", level)
    .where("index", "=", BigInt(index))
    .executeTakeFirst();
  return row?.hashes;
}

function partialIn(edge: TreeEdge, { level, index, width }: TileId): Buffer | undefined {
  const isHere = Math.floor(edge.size / TILE_WIDTH ** (level + 1)) === index;
  return isHere && edgeWidth(level, edge.size) >= width ? edge.levels[level] : undefined;
}

/** The tree as it is now. */
export async function readHead(tx: Tx): Promise<TreeEdge> {
  const { size, edge } = await tx.selectFrom("audit.head").select(["size", "edge"]).executeTakeFirstOrThrow();
  return new TreeEdge(Number(size), edge);
}

/** Whether a tree begins with all of another one, proved from its tiles. */
export async function goesOn(read: Tx, before: TreeHead, head: TreeHead): Promise<boolean> {
  if (head.size < before.size) return false;
  const nodes = tileNodeReader(tileStore(read), head.size);
  return verifyConsistency(before, head, await consistencyProof(before.size, head.size, nodes));
}

/** Exactly the hashes of a tile, for serving it; undefined when the tree has not grown that far. */
export async function readTile(tx: Tx, tile: TileId): Promise<Buffer | undefined> {
  const hashes = partialIn(await readHead(tx), tile) ?? (await readFull(tx, tile));
  return hashes?.subarray(0, tile.width * HASH_BYTES);
}
