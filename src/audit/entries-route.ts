import { get, type Route } from "../platform/module.ts";
import { entries } from "./entries.ts";

/** Bundles of entries stand beside the tiles (C2SP tlog-tiles), for those who may read all of the log. */
export const entriesRoute: Route = get("/log/tile/entries/*", entries, async (page) => {
  const bundle = await page.ask(entries, { path: page.c.req.path.slice("/log/".length) });
  return page.download("entries", "application/octet-stream", bundle);
});
