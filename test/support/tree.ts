import {
  EMPTY_ROOT,
  foldHashes,
  type NodeId,
  nodeHash,
  type NodeReader,
  perfectSubtrees,
} from "../../src/platform/audit/merkle.ts";
import { TILE_HEIGHT, TILE_WIDTH } from "../../src/platform/audit/tiles.ts";

export interface TreeNode extends NodeId {
  readonly hash: Buffer;
}

/**
 * The right edge of a growing tree: the roots of the perfect subtrees that its leaves fall into, largest first.
 * All that is needed to append and to know the root; at most one hash for each bit of the size.
 *
 * @example const range = new CompactRange(); range.append(leafHash(body)); range.root();
 */
export class CompactRange {
  #size: number;
  readonly #hashes: Buffer[];

  /** Goes on from a stored edge. Refuses a number of hashes that does not belong to the size. */
  constructor(size = 0, hashes: readonly Buffer[] = []) {
    if (hashes.length !== perfectSubtrees(0, size).length)
      throw new RangeError(`a tree of ${size} leaves does not have an edge of ${hashes.length} hashes`);
    this.#size = size;
    this.#hashes = [...hashes];
  }

  get size(): number {
    return this.#size;
  }

  get hashes(): readonly Buffer[] {
    return this.#hashes;
  }

  /** Appends a leaf; gives the nodes that this completes, from the leaf itself upwards. */
  append(leaf: Buffer): TreeNode[] {
    let node: TreeNode = { level: 0, index: this.#size, hash: leaf };
    const completed = [node];
    while (node.index % 2 === 1) {
      const left = this.#hashes.pop();
      if (!left) throw new RangeError("the edge of the tree has lost a hash");
      node = { level: node.level + 1, index: (node.index - 1) / 2, hash: nodeHash(left, node.hash) };
      completed.push(node);
    }
    this.#hashes.push(node.hash);
    this.#size++;
    return completed;
  }

  /** The RFC 6962 root. */
  root(): Buffer {
    return foldHashes(this.#hashes);
  }
}

/** The edge of the tree of this size, read from a store. */
export async function readCompactRange(size: number, read: NodeReader): Promise<CompactRange> {
  return new CompactRange(size, await read(perfectSubtrees(0, size)));
}

/** The root of the tree of this size, read from a store that may have grown since. */
export async function readRoot(size: number, read: NodeReader): Promise<Buffer> {
  return size === 0 ? EMPTY_ROOT : (await readCompactRange(size, read)).root();
}

/** The node is a hash of a tile when its level is a multiple of 8: which tile, and which hash of it. */
export function placeInTile(node: TreeNode): { level: number; index: number; offset: number } | undefined {
  if (node.level % TILE_HEIGHT !== 0) return undefined;
  const index = Math.floor(node.index / TILE_WIDTH);
  return { level: node.level / TILE_HEIGHT, index, offset: node.index % TILE_WIDTH };
}

/** Reads a bundle of entries. Refuses one that ends within an entry. */
export function decodeEntries(bundle: Buffer): Buffer[] {
  const bodies: Buffer[] = [];
  for (let at = 0; at < bundle.length; ) {
    const start = at + 2;
    const end = start + (start <= bundle.length ? bundle.readUInt16BE(at) : Number.POSITIVE_INFINITY);
    if (end > bundle.length) throw new RangeError("a bundle of entries ends within an entry");
    bodies.push(bundle.subarray(start, end));
    at = end;
  }
  return bodies;
}
