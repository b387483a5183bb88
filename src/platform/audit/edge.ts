import { foldHashes, foldPerfect, HASH_BYTES, perfectRoots, TILE_WIDTH } from "./gatehouse-verify.ts";

/** A tile that filled up: 256 hashes of its level. */
export interface FullTile {
  readonly level: number;
  readonly index: number;
  readonly hashes: Buffer;
}

/** How many hashes of a tile level are in the unfinished tile of a tree of this size. */
export function edgeWidth(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** level) % TILE_WIDTH;
}

/**
 * The right edge of the tree as tiles: at each level the hashes of the tile that is not full yet. All that is needed
 * to append, to give the root, and to serve the partial tiles; some kilobytes at any size.
 */
export class TreeEdge {
  #size: number;
  readonly #levels: Buffer[];

  /** Goes on from what was stored. Refuses an edge that does not belong to the size. */
  constructor(size: number, levels: readonly Buffer[]) {
    levels.forEach((hashes, level) => {
      if (hashes.length !== edgeWidth(level, size) * HASH_BYTES)
        throw new RangeError(
          `the edge of a tree of ${size} does not have ${hashes.length} bytes at ${level}`,
        );
    });
    if (size >= TILE_WIDTH ** levels.length) throw new RangeError(`the edge of a tree of ${size} is cut off`);
    this.#size = size;
    this.#levels = [...levels];
  }

  get size(): number {
    return this.#size;
  }

  /** By level, for storing. */
  get levels(): readonly Buffer[] {
    return this.#levels;
  }

  /** The edge after these leaf hashes (32 bytes each, lying side by side), and the tiles that they filled. */
  append(leaves: Buffer): { edge: TreeEdge; tiles: FullTile[] } {
    const levels = [...this.#levels];
    const tiles: FullTile[] = [];
    let carried = leaves;
    for (let level = 0; carried.length > 0; level += 1) {
      const hashes = Buffer.concat([levels[level] ?? Buffer.alloc(0), carried]);
      const full = Math.floor(hashes.length / (TILE_WIDTH * HASH_BYTES));
      const first = Math.floor(this.#size / TILE_WIDTH ** (level + 1));
      const above: Buffer[] = [];
      for (let n = 0; n < full; n += 1) {
        const tile = hashes.subarray(n * TILE_WIDTH * HASH_BYTES, (n + 1) * TILE_WIDTH * HASH_BYTES);
        tiles.push({ level, index: first + n, hashes: tile });
        above.push(foldPerfect(tile, 0, TILE_WIDTH));
      }
      levels[level] = hashes.subarray(full * TILE_WIDTH * HASH_BYTES);
      carried = Buffer.concat(above);
    }
    return { edge: new TreeEdge(this.#size + leaves.length / HASH_BYTES, levels), tiles };
  }

  /** The RFC 6962 root. */
  root(): Buffer {
    return foldHashes(
      this.#levels
        .map((hashes) => perfectRoots(hashes, hashes.length / HASH_BYTES))
        .toReversed()
        .flat(),
    );
  }
}
