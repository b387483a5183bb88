import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TreeHasher } from "../../../src/platform/audit/gatehouse-verify.ts";
import {
  consistencyProof,
  inclusionProof,
  leafHash,
  verifyConsistency,
  verifyInclusion,
} from "../../../src/platform/audit/merkle.ts";
import {
  encodeEntries,
  parseTilePath,
  tileNodeReader,
  tilePath,
  tileWidth,
  type TileStore,
} from "../../../src/platform/audit/tiles.ts";
import { CompactRange, decodeEntries, placeInTile, readRoot } from "../../support/tree.ts";

/** A tree of this size, kept as tiles only. Asked for a partial tile, it answers with the hashes it has by now. */
function tiledTree(size: number) {
  const tiles = new Map<string, Buffer>();
  const range = new CompactRange();
  const roots: Buffer[] = [range.root()];
  const leaves: Buffer[] = [];
  for (let i = 0; i < size; i++) {
    const leaf = leafHash(Buffer.from(`entry ${i}`));
    leaves.push(leaf);
    for (const node of range.append(leaf)) {
      const place = placeInTile(node);
      if (!place) continue;
      const key = `${place.level}/${place.index}`;
      const tile = tiles.get(key) ?? Buffer.alloc(0);
      if (tile.length !== place.offset * 32) throw new Error(`a gap in tile ${key}`);
      tiles.set(key, Buffer.concat([tile, node.hash]));
    }
    roots.push(range.root());
  }
  const store: TileStore = {
    read: async ({ level, index }) => tiles.get(`${level}/${index}`) ?? Buffer.alloc(0),
  };
  return { tiles, store, leaves, head: (n: number) => ({ size: n, root: roots[n] ?? Buffer.alloc(0) }) };
}

describe("tiles", () => {
  it("have the addresses of C2SP tlog-tiles", () => {
    expect(tilePath({ level: 0, index: 1_234_067, width: 256 })).toBe("tile/0/x001/x234/067");
    expect(tilePath({ level: 1, index: 0, width: 17 })).toBe("tile/1/000.p/17");
    expect(tilePath({ level: "entries", index: 999, width: 1 })).toBe("tile/entries/999.p/1");
    expect(tilePath({ level: 2, index: 1000, width: 256 })).toBe("tile/2/x001/000");
  });

  it("are found by their address, and by no other spelling of it", () => {
    fc.assert(
      fc.property(fc.nat(63), fc.nat(2 ** 40), fc.integer({ min: 1, max: 256 }), (level, index, width) => {
        expect(parseTilePath(tilePath({ level, index, width }))).toEqual({ level, index, width });
      }),
    );
    const wrong = [
      "tile/00/000",
      "tile/0/x000/001",
      "tile/64/000",
      "tile/0/1",
      "tile/0/000.p/0",
      "tile/0/000.p/256",
    ];
    for (const path of [
      ...wrong,
      "tile/0/000.p/01",
      "tile/0/001/002",
      "tile/0/000/",
      "/tile/0/000",
      "tile/../0/000",
    ])
      expect(parseTilePath(path)).toBeUndefined();
  });

  it("of a tree of 70,000 entries are those that the specification counts", () => {
    const widths = (level: number, tiles: number) =>
      Array.from({ length: tiles }, (_, index) => tileWidth(level, index, 70_000));
    expect(widths(0, 274)).toEqual([...Array.from({ length: 273 }, () => 256), 112]);
    expect(widths(1, 2)).toEqual([256, 17]);
    expect(widths(2, 1)).toEqual([1]);
    expect([tileWidth(0, 0, 256), tileWidth(1, 0, 256)]).toEqual([256, 1]);
  });

  it("carry every proof of every tree they hold", async () => {
    const { store, leaves, head } = tiledTree(1_400);
    await fc.assert(
      fc.asyncProperty(fc.nat(1_399), fc.nat(1_399), async (a, b) => {
        const [older, newer] = [Math.min(a, b), Math.max(a, b) + 1];
        const read = tileNodeReader(store, newer);
        const leaf = leaves[older] ?? Buffer.alloc(0);
        expect(verifyInclusion(leaf, older, head(newer), await inclusionProof(older, newer, read))).toBe(
          true,
        );
        expect(verifyConsistency(head(older), head(newer), await consistencyProof(older, newer, read))).toBe(
          true,
        );
        expect(await readRoot(newer, read)).toEqual(head(newer).root);
      }),
    );
  });

  it("are told to a listener as they fill up", () => {
    const { tiles } = tiledTree(66_000);
    const told = new Map<string, Buffer>();
    const tree = new TreeHasher((level, index, hashes) => told.set(`${level}/${index}`, Buffer.from(hashes)));
    for (let i = 0; i < 66_000; i++) tree.add(Buffer.from(`entry ${i}`));
    expect(told.size).toBe(258);
    for (const [name, hashes] of told) expect(tiles.get(name)).toEqual(hashes);
  });

  it("are refused when they are too short for the tree", async () => {
    const { store } = tiledTree(300);
    const short: TileStore = { read: async (tile) => (await store.read(tile)).subarray(0, -1) };
    await expect(readRoot(300, tileNodeReader(short, 300))).rejects.toThrow(/too short/);
    await expect(readRoot(301, tileNodeReader(store, 300))).rejects.toThrow(RangeError);
  });
});

describe("bundles of entries", () => {
  it("give back the verbatim bodies", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (bodies) => {
        expect(decodeEntries(encodeEntries(bodies))).toEqual(bodies.map((body) => Buffer.from(body)));
      }),
    );
  });

  it("are refused when they end within an entry, or an entry is too long", () => {
    const bundle = encodeEntries([Buffer.from("one"), Buffer.from("two")]);
    for (const end of [1, 4, 6, 9])
      expect(() => decodeEntries(bundle.subarray(0, end))).toThrow(/within an entry/);
    expect(() => encodeEntries([Buffer.alloc(65_536)])).toThrow(/too long/);
  });
});
