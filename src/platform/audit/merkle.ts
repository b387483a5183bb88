import { foldHashes } from "./gatehouse-verify.ts";

export {
  EMPTY_ROOT,
  HASH_BYTES,
  foldHashes,
  leafHash,
  nodeHash,
  rootFromInclusion,
  verifyConsistency,
  verifyInclusion,
  type TreeHead,
} from "./gatehouse-verify.ts";

/** A perfect subtree: `level` 0 are the leaf hashes, node `index` of level l covers 2^l leaves from index * 2^l. */
export interface NodeId {
  readonly level: number;
  readonly index: number;
}

/** Reads the hashes of nodes, in the order asked; one call a proof, so that a store can answer in one trip. */
export type NodeReader = (nodes: readonly NodeId[]) => Promise<Buffer[]>;

/**
 * Proves that entry `index` is in the tree of this size: the siblings on the way from leaf to root (RFC 6962, 2.1.1).
 * Refuses an index outside of the tree.
 */
export async function inclusionProof(index: number, size: number, read: NodeReader): Promise<Buffer[]> {
  if (!(index >= 0 && index < size)) throw new RangeError(`entry ${index} is not in a tree of ${size}`);
  const siblings: Span[] = [];
  for (let [from, to] = [0, size]; to - from > 1; ) {
    const middle = from + splitPoint(to - from);
    siblings.push(index < middle ? [middle, to] : [from, middle]);
    [from, to] = index < middle ? [from, middle] : [middle, to];
  }
  return readSpans(siblings.toReversed(), read);
}

/**
 * Proves that the tree of `newer` entries begins with all of the tree of `older` (RFC 6962, 2.1.2); empty when older
 * is 0 or equal. Refuses a newer tree that is smaller.
 */
export async function consistencyProof(older: number, newer: number, read: NodeReader): Promise<Buffer[]> {
  if (!(older >= 0 && older <= newer))
    throw new RangeError(`a tree of ${newer} does not begin with one of ${older}`);
  if (older === 0 || older === newer) return [];
  const spans: Span[] = [];
  let [from, to] = [0, newer];
  while (older < to) {
    const middle = from + splitPoint(to - from);
    spans.push(older <= middle ? [middle, to] : [from, middle]);
    [from, to] = older <= middle ? [from, middle] : [middle, to];
  }
  // The subtree that ends where the older tree ends. When it is the whole older tree, its root is known already.
  if (from > 0) spans.push([from, to]);
  return readSpans(spans.toReversed(), read);
}

/** Leaves from (inclusive) to (exclusive), as the recursion of RFC 6962 splits them. */
type Span = readonly [from: number, to: number];

/** Reads the hash of each span in one trip: a span that is not perfect yet is folded from the perfect ones in it. */
async function readSpans(spans: readonly Span[], read: NodeReader): Promise<Buffer[]> {
  const parts = spans.map(([from, to]) => perfectSubtrees(from, to));
  const hashes = await read(parts.flat());
  let at = 0;
  return parts.map((nodes) => foldHashes(hashes.slice(at, (at += nodes.length))));
}

/** The perfect subtrees that leaves from..to fall into, largest first; `from` must be where such a subtree starts. */
export function perfectSubtrees(from: number, to: number): NodeId[] {
  const nodes: NodeId[] = [];
  for (let start = from; start < to; ) {
    let [level, leaves] = [0, 1];
    while (leaves * 2 <= to - start) [level, leaves] = [level + 1, leaves * 2];
    nodes.push({ level, index: start / leaves });
    start += leaves;
  }
  return nodes;
}

/** The largest power of two smaller than n (n > 1): where RFC 6962 splits a tree. */
function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}
