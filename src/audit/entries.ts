import { z } from "zod";
import { query } from "../door/command.ts";
import { Refusal } from "../door/refusal.ts";
import { encodeEntries, parseTilePath, TILE_WIDTH } from "../platform/audit/tiles.ts";

/** A bundle of entries in the tlog-tiles layout, named by its address. */
export const entries = query({
  name: "audit.entries",
  input: z.strictObject({ path: z.string().max(60) }),
  async run({ tx, input: { path } }): Promise<Buffer> {
    const tile = parseTilePath(path);
    if (tile === undefined || tile.level !== "entries") throw new Refusal("not-found", "not_found");
    const from = tile.index * TILE_WIDTH;
    const rows = await tx
      .selectFrom("audit.log")
      .select("body")
      .where("idx", ">=", BigInt(from))
      .where("idx", "<", BigInt(from + tile.width))
      .orderBy("idx")
      .execute();
    if (rows.length < tile.width) throw new Refusal("not-found", "not_found");
    return encodeEntries(rows.map(({ body }) => body));
  },
  logged: ({ path }) => ({ target: [], facts: { path } }),
});
