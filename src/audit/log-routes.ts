import { Refusal } from "../door/refusal.ts";
import type { Tx } from "../door/tables.ts";
import { findCheckpoint } from "../platform/audit/checkpoints.ts";
import { readTile } from "../platform/audit/store.ts";
import { parseTilePath, TILE_WIDTH } from "../platform/audit/tiles.ts";
import { get, type Route } from "../platform/module.ts";

/** A full tile never changes; a partial one is gone when it is full. */
const FULL = "public, max-age=31536000, immutable";
const PASSING = "public, max-age=5";

/** Checkpoint and tiles, as tile-log clients read them (C2SP tlog-tiles). */
export function logRoutes(read: Tx): readonly Route[] {
  return [
    get("/log/checkpoint", "public", async ({ c }) => {
      const checkpoint = await findCheckpoint(read, "newest");
      if (checkpoint === undefined) throw new Refusal("not-found", "not_found");
      c.header("Cache-Control", PASSING);
      return c.body(checkpoint.note, 200, { "Content-Type": "text/plain; charset=utf-8" });
    }),

    get("/log/tile/*", "public", async ({ c }) => {
      const tile = parseTilePath(c.req.path.slice("/log/".length));
      if (tile === undefined || tile.level === "entries") throw new Refusal("not-found", "not_found");
      const hashes = await readTile(read, { ...tile, level: tile.level });
      if (hashes === undefined) throw new Refusal("not-found", "not_found");
      c.header("Cache-Control", tile.width === TILE_WIDTH ? FULL : PASSING);
      return c.body(new Uint8Array(hashes), 200, { "Content-Type": "application/octet-stream" });
    }),
  ];
}
