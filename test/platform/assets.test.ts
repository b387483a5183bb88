import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { loadAssets } from "../../src/platform/assets.ts";
import { iconNames } from "../../views/components/index.ts";

const assets = loadAssets();

function served(name: string): string {
  return assets.routes.find((route) => route.path === assets.url(name))?.body.toString() ?? "";
}

describe("assets", () => {
  it("have addresses that name their content, so that they may be cached for ever", () => {
    for (const { path, body } of assets.routes) {
      const digest = createHash("sha256").update(body).digest("hex").slice(0, 16);
      expect(path).toMatch(/^\/assets\/[\w.-]+\.[0-9a-f]{16}\.(css|js|svg)$/);
      expect(path).toContain(digest);
    }
  });

  it("come compressed as well, with the same bytes", () => {
    for (const { body, gzip } of assets.routes) expect(gunzipSync(gzip).equals(body)).toBe(true);
  });

  it("are few enough bytes for a first visit: style under 12 KB, script under 24 KB, compressed", () => {
    const size = (ending: string) =>
      assets.routes
        .filter(({ path }) => path.endsWith(ending))
        .reduce((sum, { gzip }) => sum + gzip.length, 0);
    expect(size(".css")).toBeLessThan(12_000);
    expect(size(".js")).toBeLessThan(24_000);
  });

  it("are refused when nobody made them", () => {
    expect(() => assets.url("missing.css")).toThrow(/missing\.css/);
  });

  it("need nothing from anywhere else: no import, no foreign address (ASVS 3.6.1)", () => {
    const css = served("app.css");
    expect(css).not.toMatch(/@import|url\(/);
    expect(css.startsWith("/*")).toBe(true);
    expect(css).toContain("@layer base, components, shell, utilities, print;");
  });

  it("hold a picture for every icon that a component may ask for, and no other", () => {
    const drawn = [...served("icons.svg").matchAll(/<symbol id="([\w-]+)"/g)].map(([, name]) => name);
    expect(drawn.sort()).toEqual([...iconNames].sort());
  });

  it("hold htmx as it was published, byte for byte", () => {
    const vendor = new URL("../../views/assets/vendor/", import.meta.url);
    const packaged = new URL("../../node_modules/htmx.org/", import.meta.url);
    const listed: Record<string, { package: string; path: string; sha256: string }> = JSON.parse(
      readFileSync(new URL("hashes.json", vendor), "utf8"),
    );
    const { version } = JSON.parse(readFileSync(new URL("package.json", packaged), "utf8"));
    const sha256 = (file: URL) => createHash("sha256").update(readFileSync(file)).digest("hex");
    expect(Object.keys(listed).sort()).toEqual(["htmx.min.js", "hx-csp.min.js", "hx-sse.min.js"]);
    for (const [name, origin] of Object.entries(listed)) {
      expect(origin.package).toBe(`htmx.org@${version}`);
      expect(sha256(new URL(name, vendor)), name).toBe(origin.sha256);
      expect(sha256(new URL(origin.path, packaged)), name).toBe(origin.sha256);
    }
  });
});
