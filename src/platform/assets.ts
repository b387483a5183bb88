import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname } from "node:path";
import { gzipSync } from "node:zlib";

/** One file as it is served: its address names its content, so it may be cached for ever. */
export interface AssetRoute {
  path: string;
  contentType: string;
  body: Buffer;
  /** The same bytes for clients that accept gzip. */
  gzip: Buffer;
}

export interface Assets {
  /** The address of an asset by its plain name (`app.css`). Throws on a name that does not exist. */
  url(name: string): string;
  /** Everything there is to serve. */
  routes: readonly AssetRoute[];
}

const contentTypes: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** The same place seen from `src/platform` and from `dist/src/platform`. */
const directory = new URL("../../views/assets/", import.meta.url);

/**
 * Reads the style sheets, scripts and pictures of the console once, at start. The sheets of `css/` become one `app.css`,
 * in the order of their names; their order inside is settled by cascade layers.
 */
export function loadAssets(from: URL = directory): Assets {
  const routes = new Map<string, AssetRoute>();
  const add = (name: string, body: Buffer) => routes.set(name, route(name, body));
  add("app.css", joined(new URL("css/", from), ".css"));
  for (const folder of [from, new URL("vendor/", from)]) {
    for (const name of filesOf(folder)) {
      if (extname(name) in contentTypes) add(name, readFileSync(new URL(name, folder)));
    }
  }
  return {
    url(name) {
      const found = routes.get(name);
      if (found === undefined) throw new Error(`There is no asset named ${name}`);
      return found.path;
    },
    routes: [...routes.values()],
  };
}

function filesOf(folder: URL): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .sort();
}

function joined(folder: URL, ending: string): Buffer {
  const files = filesOf(folder).filter((name) => name.endsWith(ending));
  return Buffer.concat(files.map((name) => readFileSync(new URL(name, folder))));
}

function route(name: string, body: Buffer): AssetRoute {
  const ending = extname(name);
  const digest = createHash("sha256").update(body).digest("hex").slice(0, 16);
  return {
    path: `/assets/${name.slice(0, -ending.length)}.${digest}${ending}`,
    contentType: contentTypes[ending] ?? "application/octet-stream",
    body,
    gzip: gzipSync(body, { level: 9 }),
  };
}
