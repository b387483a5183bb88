import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TreeHasher, verifyIntegrity } from "../../../src/platform/audit/gatehouse-verify.ts";
import {
  consistencyProof,
  EMPTY_ROOT,
  inclusionProof,
  leafHash,
  nodeHash,
  verifyConsistency,
  verifyInclusion,
  type NodeReader,
} from "../../../src/platform/audit/merkle.ts";
import { CompactRange, readCompactRange, readRoot } from "../../support/tree.ts";

const hex = (text: string) => Buffer.from(text, "hex");

// The eight leaves and the roots that Certificate Transparency's implementations share as test data.
const ctLeaves = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
];
const ctRoots = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/** The definition of RFC 6962, section 2.1, word for word: slow, and therefore easy to believe. */
function definition(leaves: readonly Buffer[]): Buffer {
  if (leaves.length <= 1) return leaves[0] ?? EMPTY_ROOT;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return nodeHash(definition(leaves.slice(0, k)), definition(leaves.slice(k)));
}

function growTree(size: number) {
  const nodes = new Map<string, Buffer>();
  const range = new CompactRange();
  const leaves = Array.from({ length: size }, (_, index) => leafHash(Buffer.from(`entry ${index}`)));
  for (const leaf of leaves)
    for (const { level, index, hash } of range.append(leaf)) nodes.set(`${level}/${index}`, hash);
  const read: NodeReader = async (ids) =>
    ids.map(({ level, index }) => {
      const hash = nodes.get(`${level}/${index}`);
      if (!hash) throw new Error(`node ${level}/${index} was never completed`);
      return hash;
    });
  return { leaves, range, read, head: (n: number) => ({ size: n, root: definition(leaves.slice(0, n)) }) };
}

const flip = (hash: Buffer, bit: number) => {
  const flipped = Buffer.from(hash);
  flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  return flipped;
};

describe("the Merkle tree", () => {
  it("agrees with the test data of Certificate Transparency", () => {
    const range = new CompactRange();
    const tree = new TreeHasher();
    ctLeaves.forEach((leaf, i) => {
      range.append(leafHash(hex(leaf)));
      tree.add(hex(leaf));
      expect(range.root().toString("hex")).toBe(ctRoots[i]);
      expect(tree.root().toString("hex")).toBe(ctRoots[i]);
    });
    expect(EMPTY_ROOT.toString("hex")).toBe(
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
  });

  it("proves inclusion and consistency as Certificate Transparency's test data does", async () => {
    const nodes = new Map<string, Buffer>();
    const range = new CompactRange();
    for (const leaf of ctLeaves)
      for (const { level, index, hash } of range.append(leafHash(hex(leaf))))
        nodes.set(`${level}/${index}`, hash);
    const read: NodeReader = async (ids) =>
      ids.map(({ level, index }) => nodes.get(`${level}/${index}`) ?? EMPTY_ROOT);
    const asHex = (proof: Buffer[]) => proof.map((hash) => hash.toString("hex"));

    expect(asHex(await inclusionProof(0, 8, read))).toEqual([
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]);
    expect(asHex(await inclusionProof(2, 3, read))).toEqual([ctRoots[1]]);
    expect(asHex(await consistencyProof(1, 8, read))).toEqual([
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]);
    expect(asHex(await consistencyProof(6, 8, read))).toEqual([
      "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      ctRoots[3],
    ]);
  });

  it("proves every entry of every small tree, and each smaller tree as its beginning", async () => {
    const { leaves, read, head } = growTree(70);
    for (let size = 1; size <= 70; size++) {
      const newer = head(size);
      for (const [index, leaf] of leaves.slice(0, size).entries())
        expect(verifyInclusion(leaf, index, newer, await inclusionProof(index, size, read))).toBe(true);
      for (let older = 0; older <= size; older++)
        expect(verifyConsistency(head(older), newer, await consistencyProof(older, size, read))).toBe(true);
    }
  });

  it("does not prove another entry, index or tree, nor with a proof that was touched", async () => {
    const { leaves, read, head } = growTree(200);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(199),
        fc.nat(199),
        fc.integer({ min: 2, max: 200 }),
        fc.nat(255),
        async (a, b, n, bit) => {
          const index = a % n;
          const leaf = leaves[index] ?? EMPTY_ROOT;
          const path = await inclusionProof(index, n, read);
          const at = b % path.length;
          const touched = path.map((hash, i) => (i === at ? flip(hash, bit) : hash));
          expect(verifyInclusion(leaf, index, head(n), touched)).toBe(false);
          expect(verifyInclusion(flip(leaf, bit), index, head(n), path)).toBe(false);
          expect(verifyInclusion(leaf, index, head(n), path.slice(1))).toBe(false);
          expect(verifyInclusion(leaf, index, head(n), [...path, leaf])).toBe(false);
          expect(verifyInclusion(leaf, index, { size: n, root: flip(head(n).root, bit) }, path)).toBe(false);
          if (b % n !== index) expect(verifyInclusion(leaf, b % n, head(n), path)).toBe(false);
        },
      ),
    );
  });

  it("does not accept a fork, a roll-back or a touched proof as consistent", async () => {
    const { read, head } = growTree(200);
    await fc.assert(
      fc.asyncProperty(fc.nat(198), fc.nat(198), fc.nat(255), fc.nat(63), async (a, b, bit, at) => {
        const [older, newer] = [Math.min(a, b) + 1, Math.max(a, b) + 2];
        const proof = await consistencyProof(older, newer, read);
        const fork = { size: older, root: flip(head(older).root, bit) };
        expect(verifyConsistency(fork, head(newer), proof)).toBe(false);
        expect(
          verifyConsistency(head(older), { size: newer, root: flip(head(newer).root, bit) }, proof),
        ).toBe(false);
        expect(verifyConsistency(head(newer), head(older), proof)).toBe(false);
        const touched = proof.map((hash, i) => (i === at % proof.length ? flip(hash, bit) : hash));
        expect(verifyConsistency(head(older), head(newer), touched)).toBe(false);
        expect(verifyConsistency(head(older), head(newer), proof.slice(0, -1))).toBe(false);
        expect(verifyConsistency(head(older), head(newer), [...proof, head(1).root])).toBe(false);
      }),
    );
  });

  it("goes on from a stored edge, and refuses one that does not belong to its size", async () => {
    const { leaves, read, head } = growTree(150);
    const range = await readCompactRange(97, read);
    for (const leaf of leaves.slice(97)) range.append(leaf);
    expect(range.root()).toEqual(head(150).root);
    expect(await readRoot(0, read)).toEqual(EMPTY_ROOT);
    expect(() => new CompactRange(3, [EMPTY_ROOT])).toThrow(RangeError);
  });

  it("verifies a whole log, of any size, in batches or at once", async () => {
    const bodies = Array.from({ length: 66_000 }, (_, index) => Buffer.from(`entry ${index}`));
    const range = new CompactRange();
    for (const body of bodies) range.append(leafHash(body));
    const head = { size: range.size, root: range.root() };
    async function* batches() {
      for (let at = 0; at < bodies.length; at += 999) yield bodies.slice(at, at + 999);
    }
    expect((await verifyIntegrity(bodies, head)).intact).toBe(true);
    expect((await verifyIntegrity(batches(), head)).intact).toBe(true);
    expect((await verifyIntegrity(bodies.slice(1), head)).intact).toBe(false);
    expect((await verifyIntegrity(bodies.toReversed(), head)).intact).toBe(false);
  });
});
