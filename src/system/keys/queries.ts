import { z } from "zod";
import { query } from "../../door/command.ts";
import type { Tx } from "../../door/tables.ts";

/** Where the keys are, how old, how many depend on each version, and what searches give away. */
export const keyStatus = query({
  name: "keys.status",
  input: z.strictObject({
    /** Only the rotations: counting what hangs on each version is too much for every second. */
    only: z.literal("rotations").optional(),
  }),
  async run({ tx, vault, input, now }) {
    const whole = input.only === undefined;
    const [counts, rotations, indexes] = await Promise.all([
      whole ? countsOf(tx) : [],
      vault.rotations(tx),
      whole ? vault.indexDefinitions(tx) : [],
    ]);
    return {
      provider: vault.describe(),
      counts: counts.map((row) => ({ version: row.kek_version, state: row.state, count: Number(row.count) })),
      rotations,
      indexes,
      now,
    };
  },
});

async function countsOf(tx: Tx) {
  return await tx
    .selectFrom("vault.dek")
    .select((e) => ["kek_version", "state", e.fn.countAll<bigint>().as("count")])
    .groupBy(["kek_version", "state"])
    .orderBy("kek_version", "desc")
    .execute();
}

export type KeyStatus = Awaited<ReturnType<typeof keyStatus.run>>;
