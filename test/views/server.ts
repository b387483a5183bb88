import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ViewContextInput } from "../../views/context.ts";
import { assets } from "./context.ts";

export interface ViewServer {
  origin: string;
  close(): Promise<void>;
}

/** What a page is rendered from; what a test does not name comes from the address: `?language=en&theme=dark`. */
export type Render = (changes: Partial<ViewContextInput>, path: string) => string | Promise<string>;

/** Serves pages and assets under the content security policy of the console, and nothing else of it. */
export async function serveViews(render: Render): Promise<ViewServer> {
  const byPath = new Map(assets.routes.map((route) => [route.path, route]));
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const asset = byPath.get(url.pathname);
    if (asset !== undefined) {
      response.setHeader("content-type", asset.contentType).end(asset.body);
      return;
    }
    if (url.pathname === "/stream") {
      response.setHeader("content-type", "text/event-stream");
      response.write("data: <p>13,500 done</p>\n\n");
      return;
    }
    const nonce = randomBytes(16).toString("base64url");
    const changes: Partial<ViewContextInput> = {
      nonce,
      path: url.pathname + url.search,
      language: url.searchParams.get("language") === "en" ? "en" : "zh-CN",
      theme: url.searchParams.get("theme") === "dark" ? "dark" : "light",
      density: url.searchParams.get("density") === "compact" ? "compact" : "comfortable",
      fragment: request.headers["hx-request"] === "true",
    };
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.setHeader("content-security-policy", contentSecurityPolicy(nonce));
    void Promise.resolve(render(changes, url.pathname)).then((html) => response.end(html));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on TCP has an address of this shape.
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: async () => await new Promise((resolve) => server.close(() => resolve()).closeAllConnections()),
  };
}

/** As the console sends it (access.md, "HTTP"). */
function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types htmx",
  ].join("; ");
}
