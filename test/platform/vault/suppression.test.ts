import * as fc from "fast-check";
import { expect, test } from "vitest";
import { suppress } from "../../../src/platform/vault/suppress.ts";

const groups = fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{1,6}$/), fc.integer({ min: 1, max: 40 })), {
  selector: ([name]) => name,
});

test("large groups are shown with their total", () => {
  expect(
    suppress(
      new Map([
        ["female", 12],
        ["male", 9],
      ]),
      5,
    ),
  ).toEqual({
    groups: [
      { group: "female", count: 12 },
      { group: "male", count: 9 },
    ],
    total: 21,
  });
});

test("one small group takes a second one with it, or the total would give it away", () => {
  expect(
    suppress(
      new Map([
        ["a", 2],
        ["b", 9],
        ["c", 30],
      ]),
      5,
    ),
  ).toEqual({
    groups: [
      { group: "a", count: null },
      { group: "b", count: null },
      { group: "c", count: 30 },
    ],
    total: 41,
  });
});

test("with nothing left to hide behind, the total goes too", () => {
  expect(suppress(new Map([["a", 2]]), 5).total).toBeNull();
});

test("no count under the limit is shown, nor can one be worked out from total and the rest", () => {
  fc.assert(
    fc.property(groups, fc.integer({ min: 2, max: 20 }), (counts, smallest) => {
      const shown = suppress(new Map(counts), smallest);
      const hidden = shown.groups.filter((g) => g.count === null);
      for (const { count } of shown.groups) expect(count === null || count >= smallest).toBe(true);
      if (hidden.length === 0 || shown.total === null) return;
      const rest = shown.total - shown.groups.reduce((sum, g) => sum + (g.count ?? 0), 0);
      expect(hidden.length).toBeGreaterThanOrEqual(2);
      expect(rest).toBeGreaterThanOrEqual(smallest);
    }),
  );
});

const any = fc.uniqueArray(fc.tuple(fc.string({ minLength: 1 }), fc.nat(60)), {
  selector: ([group]) => group,
});

test("5.1.5 where the total is published beside it, what is missing is no single group and not few people", () => {
  fc.assert(
    fc.property(any, fc.integer({ min: 2, max: 20 }), (entries, smallest) => {
      const { groups: cells } = suppress(new Map(entries), smallest);
      const truth = new Map(entries);
      const total = entries.reduce((sum, [, count]) => sum + count, 0);
      const hidden = cells.filter((cell) => cell.count === null);
      for (const { count } of cells) if (count !== null) expect(count).toBeGreaterThanOrEqual(smallest);
      const missing = hidden.reduce((sum, { group }) => sum + (truth.get(group) ?? 0), 0);
      // under `smallest` the total is withheld as well
      if (hidden.length > 0 && total >= smallest) {
        expect(hidden.length).toBeGreaterThanOrEqual(2);
        expect(missing).toBeGreaterThanOrEqual(smallest);
      }
    }),
  );
});

test("5.1.5 no more is withheld than must be: without small cells, nothing", () => {
  fc.assert(
    fc.property(any, (entries) => {
      const large = new Map(entries.map(([group, count]) => [group, count + 20]));
      expect(suppress(large, 20).groups.every((cell) => cell.count !== null)).toBe(true);
    }),
  );
});
