import { createSecretKey, randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { firstBits, tokeniser } from "../../../src/platform/vault/blind-index.ts";
import { type IndexDeclaration, planIndex } from "../../../src/platform/vault/index-definitions.ts";
import { coincidences, planBits, withinBudget } from "../../../src/platform/vault/planner.ts";

const root = createSecretKey(randomBytes(32));
const declared: IndexDeclaration = {
  table: "members.member",
  column: "phone_bx",
  transform: "phone",
  rows: 100_000,
};
const index = (of: Partial<IndexDeclaration> = {}, version = 1) =>
  tokeniser(root, { ...planIndex({ ...declared, ...of }), version });

describe("the planner", () => {
  test("keeps 2 ≤ C ≤ √R whenever it gives a number", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000_000 }),
        fc.array(fc.double({ min: 1, max: 40, noNaN: true }), { minLength: 1, maxLength: 3 }),
        (rows, entropies) => {
          const bits = planBits(rows, entropies);
          fc.pre(bits !== null);
          const widths = entropies.map((entropyBits) => ({ bits, entropyBits }));
          expect(withinBudget(rows, widths)).toBe(true);
          expect(Math.min(...entropies)).toBeGreaterThanOrEqual(bits);
        },
      ),
    );
  });

  test("finds a number for every mall from 16 rows on, when values hold enough", () => {
    fc.assert(
      fc.property(fc.integer({ min: 16, max: 100_000_000 }), (rows) => planBits(rows, [32]) !== null),
    );
  });

  test("stands in the middle: the rows may grow or shrink eightfold before a new plan is due", () => {
    const bits = planBits(100_000, [32]) ?? 0;
    for (const rows of [100_000 / 8, 100_000, 800_000]) {
      expect(withinBudget(rows, [{ bits, entropyBits: 32 }])).toBe(true);
    }
  });

  test("gives a column of few values no index: sex, and anything in a tiny table", () => {
    expect(planBits(100_000, [1])).toBeNull();
    expect(planBits(3, [32])).toBeNull();
    expect(() => planIndex({ ...declared, transform: "name", rows: 3 })).toThrow(RangeError);
  });

  test("counts every index of one column together", () => {
    expect(
      coincidences(1024, [
        { bits: 4, entropyBits: 12 },
        { bits: 9, entropyBits: 3 },
      ]),
    ).toBe(1024 / 2 ** 7);
  });
});

describe("an index value", () => {
  test("is the same for every spelling, and 16 bytes where it is exact", () => {
    const phone = index();
    expect(phone("138 0013 8000")).toEqual(phone("+8613800138000"));
    expect(phone("13800138000")).toHaveLength(16);
    expect(phone("13800138001")).not.toEqual(phone("13800138000"));
  });

  test("differs by table, column, transform, version and installation", () => {
    const values = [
      index(),
      index({ table: "orders.recipient" }),
      index({ column: "mobile_bx" }),
      index({}, 2),
      tokeniser(createSecretKey(randomBytes(32)), { ...planIndex(declared), version: 1 }),
    ].map((of) => of("13800138000")?.toString("hex"));
    expect(new Set(values).size).toBe(values.length);
  });

  test("of what is no phone number is none", () => {
    expect(index()("hello")).toBeNull();
  });

  test("of a name shows only the planned bits", () => {
    const plan = planIndex({ ...declared, transform: "name" });
    const name = index({ transform: "name" });
    const seen = new Set(Array.from({ length: 20_000 }, (_, i) => name(`张${i}`)?.toString("hex")));
    expect(seen.size).toBeLessThanOrEqual(2 ** plan.bits);
    expect(plan.coincidences).toBeGreaterThanOrEqual(2);
  });

  test("cut to bits keeps the first ones and zeroes the rest", () => {
    expect(firstBits(Buffer.from("ffff", "hex"), 11).toString("hex")).toBe("ffe0");
    expect(firstBits(Buffer.from("ffff", "hex"), 8).toString("hex")).toBe("ff");
  });
});
