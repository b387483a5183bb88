import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countMembers, recordStatistics, statistics } from "../../../src/mall/members/statistics.ts";
import { suppress } from "../../../src/mall/members/suppress.ts";
import { type MembersWorld, membersWorld } from "./support.ts";

describe("5.1.5 counting members", () => {
  let world: MembersWorld;
  beforeAll(async () => {
    world = await membersWorld();
  });
  afterAll(async () => await world.close());

  it("counts inside the vault, withholds small cells, and shows what was recorded", async () => {
    for (let n = 0; n < 7; n += 1) await world.member({ sex: "female", birth_date: "1991-01-01" });
    for (let n = 0; n < 6; n += 1) await world.member({ sex: "male", birth_date: "1985-01-01" });
    for (let n = 0; n < 2; n += 1) await world.member({ sex: "other", birth_date: "1971-01-01" });
    const counted = await world.door.ask(countMembers, world.clerk, {});
    expect(counted.total).toBe(15);
    const by = (cells: readonly { group: string; count: number | null }[]) =>
      Object.fromEntries(cells.map(({ group, count }) => [group, count]));
    // two "other" alone could be worked out from the total, so the next smallest group goes too
    expect(by(counted.cells.sex)).toEqual({ female: 7, male: null, other: null });
    expect(by(counted.cells.birth_decade)).toEqual({ "1970": null, "1980": null, "1990": 7 });
    expect(by(counted.cells.tier)).toEqual({ standard: 15 });

    await world.door.execute(recordStatistics, world.clerk, counted);
    const { figures } = await world.door.ask(statistics, world.person("members.statistics"), {});
    expect(figures).toMatchObject({ total: 15, min_cell: 5, cells: counted.cells });
  });
});

describe("5.1.5 withholding small cells", () => {
  const counts = fc.uniqueArray(fc.tuple(fc.string({ minLength: 1 }), fc.nat(60)), {
    selector: ([group]) => group,
  });

  it("never shows a small cell, nor leaves one that the public total gives away", () => {
    fc.assert(
      fc.property(counts, fc.integer({ min: 2, max: 20 }), (entries, smallest) => {
        const cells = suppress(new Map(entries), smallest);
        const truth = new Map(entries);
        const total = entries.reduce((sum, [, count]) => sum + count, 0);
        const hidden = cells.filter((cell) => cell.count === null);
        for (const { count } of cells) if (count !== null) expect(count).toBeGreaterThanOrEqual(smallest);
        const missing = hidden.reduce((sum, { group }) => sum + (truth.get(group) ?? 0), 0);
        // with the total known (it is withheld under `smallest`), what is missing is no single group and not few people
        if (hidden.length > 0 && total >= smallest) {
          expect(hidden.length).toBeGreaterThanOrEqual(2);
          expect(missing).toBeGreaterThanOrEqual(smallest);
        }
      }),
    );
  });

  it("withholds no more than it must: without small cells, nothing", () => {
    fc.assert(
      fc.property(counts, (entries) => {
        const large = new Map(entries.map(([group, count]) => [group, count + 20]));
        expect(suppress(large, 20).every((cell) => cell.count !== null)).toBe(true);
      }),
    );
  });
});
