import { sql } from "kysely";
import { z } from "zod";
import { command, query } from "../../door/command.ts";
import type { Tx } from "../../door/tables.ts";
import { type Group, type Grouping, suppress, type Vault } from "../../platform/vault/index.ts";
import { type PersonalField } from "./fields.ts";
import { minimumCell } from "./params.ts";
import { cellOf, sealedColumns } from "./storage.ts";
import { Count, INTEGER_MAX } from "../../platform/integers.ts";

/** By what members are counted (5.1.5). */
export const dimensions = ["sex", "birth_decade", "tier", "month"] as const;
export type Dimension = (typeof dimensions)[number];

/** Members read at a time while counting. */
const BATCH = 500;

const Cells = z.array(z.strictObject({ group: z.string().max(20), count: Count.nullable() })).max(500);
const Figures = z.strictObject({
  min_cell: z.int().min(2).max(INTEGER_MAX),
  total: Count,
  cells: z.strictObject({ sex: Cells, birth_decade: Cells, tier: Cells, month: Cells }),
});

/**
 * Counts all members by sex, decade of birth, tier and month of registration. Sex and birth are opened inside the vault, and
 * only counts come out, with small cells withheld. For the nightly job; people see what it recorded.
 */
export const countMembers = query({
  name: "members.statistics.count",
  input: z.strictObject({}),
  async run({ tx, vault, params, mallTimeZone }): Promise<z.output<typeof Figures>> {
    const smallest = params(minimumCell);
    const tier = await countBy(tx, sql<string>`tier`);
    const month = await countBy(
      tx,
      sql<string>`to_char(registered_at AT TIME ZONE ${mallTimeZone}, 'YYYY-MM')`,
    );
    const sex = await countInside(tx, vault, "sex", "sex", smallest);
    const birthDecade = await countInside(tx, vault, "birth_date", "birth-decade", smallest);
    const total = [...tier.values()].reduce((sum, count) => sum + count, 0);
    return {
      min_cell: smallest,
      // a mall with fewer members than one cell tells not even how many
      total: total < smallest ? 0 : total,
      cells: {
        sex,
        birth_decade: birthDecade,
        tier: suppress(tier, smallest).groups,
        month: suppress(month, smallest).groups,
      },
    };
  },
});

/** Keeps what was counted. Only the job calls it, and only what is already safe to show comes in. */
export const recordStatistics = command({
  name: "members.statistics.record",
  crud: "c",
  severity: 0,
  input: Figures,
  async run({ tx, input, record, now, newId }) {
    const id = newId();
    await tx
      .insertInto("members.statistic")
      .values({ id, computed_at: now, ...input, cells: JSON.stringify(input.cells) })
      .execute();
    record.target({ type: "member_statistics", id });
    record.fact("total", input.total);
    return { id };
  },
});

/** The newest statistics, or null before the first count. */
export const statistics = query({
  name: "members.statistics",
  input: z.strictObject({}),
  async run({ tx, params }) {
    const minimum = params(minimumCell);
    const row = await tx
      .selectFrom("members.statistic")
      .select(["computed_at", "min_cell", "total", "cells"])
      .orderBy("computed_at", "desc")
      .limit(1)
      .executeTakeFirst();
    const figures = row === undefined ? null : { ...row, cells: Figures.shape.cells.parse(row.cells) };
    return { figures, minimum };
  },
});

async function countBy(tx: Tx, group: ReturnType<typeof sql<string>>): Promise<Map<string, number>> {
  const rows = await tx
    .selectFrom("members.member")
    .select([group.as("group"), sql<number>`count(*)::int`.as("count")])
    .groupBy(sql`1`)
    .orderBy(sql`1`)
    .execute();
  return new Map(rows.map((row) => [row.group, row.count]));
}

/** Counts by something that only the vault can read, and lets out in groups large enough. */
async function countInside(
  tx: Tx,
  vault: Vault,
  field: PersonalField,
  grouping: Grouping,
  smallest: number,
): Promise<Group[]> {
  return (await vault.aggregate(tx, cellsOf(tx, field), grouping, smallest)).groups;
}

async function* cellsOf(tx: Tx, field: PersonalField) {
  let after = "00000000-0000-0000-0000-000000000000";
  for (;;) {
    const rows = await tx
      .selectFrom("members.member")
      .select(["id", ...sealedColumns])
      .where("id", ">", after)
      .orderBy("id")
      .limit(BATCH)
      .execute();
    if (rows.length > 0) yield rows.map((row) => cellOf(row, field));
    if (rows.length < BATCH) return;
    after = rows.at(-1)?.id ?? after;
  }
}
