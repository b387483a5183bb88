import type { Hono } from "hono";
import type { AssetRoute } from "../assets.ts";
import type { HttpEnv } from "./env.ts";

/** Serves the files of the pages. Their addresses name their content, so they are kept for ever and never asked for again. */
export function assetFiles(app: Hono<HttpEnv>, routes: readonly AssetRoute[]): void {
  for (const { path, contentType, body, gzip } of routes) {
    const plain = new Uint8Array(body);
    const small = new Uint8Array(gzip);
    app.get(path, (c) => {
      c.set("route", "/assets/*");
      c.header("Content-Type", contentType);
      c.header("Cache-Control", "public, max-age=31536000, immutable, no-transform");
      c.header("Vary", "Accept-Encoding");
      if (!/\bgzip\b/.test(c.req.header("accept-encoding") ?? "")) return c.body(plain);
      c.header("Content-Encoding", "gzip");
      return c.body(small);
    });
  }
}
