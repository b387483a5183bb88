import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadConfig } from "../../src/platform/config.ts";
import { routeTable } from "../../src/platform/http/mount.ts";
import { projectRoot } from "../../src/platform/root.ts";
import { scripts } from "../../views/layout/document.tsx";
import { type TestConsole, testConsole } from "../support/console.ts";
import { emptyAddress, nameOf } from "../surface/address.ts";
import { filesWith, occurrences } from "./source.ts";

let world: TestConsole;

beforeAll(async () => {
  world = await testConsole({ with: "people", publicOrigin: "https://mall.example" });
}, 120_000);
afterAll(async () => await world.close());

describe("V3 web front end", () => {
  test("3.4.1 to 3.4.8, 3.5.8, 14.3.2 hold on the answer of every route, whatever it answers", async () => {
    const officer = await world.session("lin.wei");
    const addresses = routeTable(world.console.modules).map((route) => ({
      name: nameOf(route),
      method: route.method.toUpperCase(),
      address: emptyAddress(route.path),
    }));
    addresses.push({ name: "404", method: "GET", address: "/.git/config" });
    const nonces = new Set<string>();
    for (const { name, method, address } of addresses) {
      for (const client of [officer, world.visitor()]) {
        if (name.startsWith("POST /sign-out") || name.startsWith("POST /me/sessions")) continue;
        const { headers } = await client.fetch(address, { method });
        const of = (header: string) => `${name} ${headers.get(header)}`;
        expect(of("strict-transport-security")).toBe(`${name} max-age=63072000; includeSubDomains`);
        expect(of("x-content-type-options")).toBe(`${name} nosniff`);
        expect(of("referrer-policy")).toBe(`${name} same-origin`);
        expect(of("cross-origin-opener-policy")).toBe(`${name} same-origin`);
        expect(of("cross-origin-resource-policy")).toBe(`${name} same-origin`);
        expect(of("access-control-allow-origin")).toBe(`${name} null`);
        if (!address.startsWith("/log/")) expect(of("cache-control")).toBe(`${name} no-store`);
        const policy = headers.get("content-security-policy") ?? "";
        expect(`${name} ${policy}`).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
        const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
        if (nonce === undefined) continue;
        expect(nonces.has(nonce)).toBe(false);
        nonces.add(nonce);
      }
    }
    expect(nonces.size).toBeGreaterThan(100);
  }, 120_000);

  test("3.3.1 to 3.3.4 the session's cookie is this host's, over TLS, strict, out of reach of scripts", async () => {
    const client = world.visitor();
    const login = "emma.stone";
    await client.submit("/sign-in", { login, password: world.account(login).password });
    const answer = await client.submit("/sign-in/code", { code: await world.codeFor(login) });
    const cookie = answer.headers.getSetCookie().find((line) => line.startsWith("__Host-gatehouse="));
    const attributes = cookie
      ?.split("; ")
      .slice(1)
      .map((attribute) => attribute.toLowerCase());
    expect(attributes?.toSorted()).toEqual(["httponly", "path=/", "samesite=strict", "secure"]);
    const token = client.cookies.get("__Host-gatehouse") ?? "none";
    for (const path of ["/", "/me", "/audit"])
      expect(await (await client.get(path)).text()).not.toContain(token);
  }, 60_000);

  test("3.5.3 a GET changes nothing: it is answered from a connection that can only read", async () => {
    const { rows } = await sql<{ default_transaction_read_only: string }>`
      SHOW default_transaction_read_only`.execute(world.console.read);
    expect(rows).toEqual([{ default_transaction_read_only: "on" }]);
    const write = sql`INSERT INTO access.activity (handle, last_seen_at) VALUES (gen_random_uuid(), now())`;
    await expect(write.execute(world.console.read)).rejects.toThrow(/read-only|permission denied/);
  });

  test("3.5.4 the console has a host to itself: at its root, under cookies that no other host can set", () => {
    const page = readFileSync(join(projectRoot(), "docs/http.md"), "utf8");
    expect(page).toContain("**A host of its own.**");
    const config = (origin: string) => () =>
      loadConfig({ PUBLIC_ORIGIN: origin }, { demo: false, cwd: tmpdir() });
    expect(config("https://console.mall.example")).not.toThrow();
    for (const shared of [
      "https://mall.example/console",
      "https://mall.example/?at=console",
      "https://mall.example#console",
    ])
      expect(config(shared)).toThrow(/PUBLIC_ORIGIN/);
    expect(occurrences(/[Dd]omain[:=]/g)).toEqual([]);
  });

  test("3.7.1 a browser needs no plug-in, and runs the scripts that are written down", async () => {
    const page = readFileSync(join(projectRoot(), "docs/http.md"), "utf8");
    const client = await world.session("lin.wei");
    const tags = new Set<string>();
    const loaded = new Set<string>();
    for (const path of [
      "/",
      "/me",
      "/audit",
      "/members",
      "/approvals",
      "/staff",
      "/policies",
      "/members/imports",
    ]) {
      const html = await (await client.get(path)).text();
      for (const [, tag = ""] of html.matchAll(/<([a-z][\w-]*)/gi)) tags.add(tag.toLowerCase());
      for (const [, src = ""] of html.matchAll(/<script\b[^>]*\bsrc="([^"]*)"/g)) loaded.add(src);
    }
    for (const tag of ["object", "embed", "applet", "iframe", "frame", "param", "marquee", "font", "bgsound"])
      expect(`${tag} ${tags.has(tag)}`).toBe(`${tag} false`);
    expect(tags).toContain("script");
    expect(filesWith(/(?<!\w)<(object|embed|applet|iframe|frame)\b|ActiveXObject|java-archive/)).toEqual([]);
    const names = [...loaded].map((src) => /\/([\w-]+)[.-][\w-]*?(\.min)?\.js$/.exec(src)?.[1] ?? src);
    expect(names).toHaveLength(scripts.length);
    for (const name of scripts) expect(page).toContain(`\`${name}\``);
    expect(
      page
        .match(/`[\w.-]+\.js`/g)
        ?.map((name) => name.slice(1, -1))
        .sort(),
    ).toEqual([...scripts].sort());
  });

  test("3.6.1 nothing is loaded from anybody else", () => {
    expect(filesWith(/(src|href)="(https?:)?\/\//)).toEqual([]);
  });
});
