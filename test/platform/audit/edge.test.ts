import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TreeEdge } from "../../../src/platform/audit/edge.ts";
import { leafHash, TreeHasher } from "../../../src/platform/audit/gatehouse-verify.ts";

const body = (n: number) => Buffer.from(`{"n":${n}}`);

describe("the edge of the tree", () => {
  test("grown in batches of any sizes it is the tree grown one by one, tiles and root", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 900 }), { maxLength: 8 }), (batches) => {
        const expected = new Map<string, Buffer>();
        const tree = new TreeHasher((level, index, hashes) => {
          expected.set(`${level}/${index}`, Buffer.from(hashes));
        });
        let edge = new TreeEdge(0, []);
        const tiles = new Map<string, Buffer>();
        for (const size of batches) {
          const from = edge.size;
          const leaves = Array.from({ length: size }, (_, n) => leafHash(body(from + n)));
          for (let n = 0; n < size; n += 1) tree.add(body(from + n));
          const grown = edge.append(Buffer.concat(leaves));
          for (const { level, index, hashes } of grown.tiles) tiles.set(`${level}/${index}`, hashes);
          // what is stored between two batches is enough to go on
          edge = new TreeEdge(grown.edge.size, grown.edge.levels);
        }
        expect(edge.size).toBe(tree.size);
        expect(edge.root()).toEqual(tree.root());
        expect(tiles).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  test("refuses an edge that does not belong to its size", () => {
    expect(() => new TreeEdge(3, [Buffer.alloc(64)])).toThrow("does not have");
    expect(() => new TreeEdge(256, [Buffer.alloc(0)])).toThrow("cut off");
  });
});
