import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countMembers, recordStatistics, statistics } from "../../../src/mall/members/statistics.ts";
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
