import { z } from "zod";
import { query } from "../../door/command.ts";

/** Where the keys are, how old, how many depend on each version, and what searches give away. */
export const keyStatus = query({
  name: "keys.status",
  input: z.strictObject({}),
  async run({ tx, vault }) {
    const [counts, rotations, indexes] = await Promise.all([
      tx
        .selectFrom("vault.dek")
        .select((e) => ["kek_version", "state", e.fn.countAll<bigint>().as("count")])
        .groupBy(["kek_version", "state"])
        .orderBy("kek_version", "desc")
        .execute(),
      vault.rotations(tx),
      vault.indexDefinitions(tx),
    ]);
    return {
      provider: vault.describe(),
      counts: counts.map((row) => ({ version: row.kek_version, state: row.state, count: Number(row.count) })),
      rotations,
      indexes,
    };
  },
});

export type KeyStatus = Awaited<ReturnType<typeof keyStatus.run>>;
