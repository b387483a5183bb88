import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { routeTable } from "../../src/platform/http/mount.ts";
import type { Route } from "../../src/platform/module.ts";
import type { Client } from "../support/client.ts";
import { type SessionOptions, type TestConsole, testConsole } from "../support/console.ts";
import { emptyAddress, hasParameter, nameOf, permissionOf } from "./address.ts";
import { roles } from "./policy.ts";

let world: TestConsole;
let table: readonly Route[];
let pages: readonly Route[];
let actions: readonly Route[];

beforeAll(async () => {
  world = await testConsole({ with: "people" });
  table = routeTable(world.console.modules);
  pages = table.filter((route) => route.method === "get");
  actions = table.filter((route) => route.method === "post");
  for (const role of roles.keys()) await world.person(role, { role });
  await world.person("not-enrolled", {});
  await world.person("disabled", { state: "disabled", role: "auditor" });
}, 120_000);
afterAll(async () => await world.close());

describe("the table of routes", () => {
  test("is all that the application answers to, beside its own few addresses", () => {
    const own = ["GET /healthz", "GET /readyz", "GET /metrics", "POST /csp-report"];
    const asset = /^GET \/assets\//;
    const registered = new Set(
      world.http.app.routes
        .filter(({ method, path }) => method !== "ALL" && path !== "/*")
        .map(({ method, path }) => `${method} ${path}`),
    );
    const rest = [...registered].filter((name) => !asset.test(name) && !own.includes(name)).sort();
    expect(rest).toEqual([...new Set(table.map(nameOf))].sort());
  });

  test("names each public address, because each is an exception", () => {
    expect(
      table
        .filter(({ access }) => access === "public")
        .map(nameOf)
        .sort(),
    ).toEqual([
      "GET /log/checkpoint",
      "GET /log/tile/*",
      "GET /setup/:token",
      "GET /sign-in",
      "GET /welcome/:token",
      "POST /preferences",
      "POST /setup/:token",
      "POST /sign-in",
      "POST /sign-out",
      "POST /welcome/:token",
    ]);
  });

  test("is closed to every other method, which is told what there is (ASVS 4.1.4)", async () => {
    const client = world.visitor();
    for (const path of new Set(table.map((route) => route.path))) {
      const known = table.filter((route) => emptyAddress(route.path) === emptyAddress(path));
      const allowed = known.flatMap(({ method }) => (method === "get" ? ["GET", "HEAD"] : ["POST"]));
      for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"]) {
        if (allowed.includes(method)) continue;
        const response = await client.fetch(emptyAddress(path), { method });
        const answer = `${path} ${method} ${response.status} ${response.headers.get("allow")}`;
        expect(answer).toBe(`${path} ${method} 405 ${allowed.join(", ")}`);
      }
    }
  });
});

/** What the operator's log says about the answer: the code of its refusal. */
function refusalOf(response: Response): unknown {
  const request = response.headers.get("x-request-id");
  return world.lines.find((line) => line["request"] === request && line["code"] !== undefined)?.["code"];
}

async function knock(client: Client, route: Route): Promise<Response> {
  const address = emptyAddress(route.path);
  return route.method === "get" ? await client.get(address) : await client.post(address, {});
}

describe.each([...roles.keys()])("%s", (role) => {
  const may = (route: Route) => {
    const permission = permissionOf(route);
    return permission === null || roles.get(role)?.has(permission) === true;
  };
  const open = (route: Route) => route.access !== "public" && route.access !== "half";

  test("opens the pages of the role, finds nothing where there is nothing, and is told no elsewhere", async () => {
    const client = await world.session(role);
    const wrong: string[] = [];
    for (const route of pages.filter(open)) {
      const response = await client.get(emptyAddress(route.path));
      const expected = may(route) ? (hasParameter(route.path) ? nothingThere(route) : itself(route)) : [403];
      if (!expected.includes(response.status)) wrong.push(`${nameOf(route)}: ${response.status}`);
      if (!may(route))
        expect(`${nameOf(route)} ${String(refusalOf(response))}`).toBe(`${nameOf(route)} permission`);
    }
    expect(wrong).toEqual([]);
  });

  test("does what the role may and nothing else, and bad input is never an error of ours", async () => {
    const wrong: string[] = [];
    let client = await world.session(role);
    let token = await client.token("/me");
    for (const route of actions.filter(open)) {
      const response = await client.post(emptyAddress(route.path), { _csrf: token });
      if (permissionOf(route) === "access.end_own_sessions") {
        client = await world.session(role);
        token = await client.token("/me");
      }
      const code = refusalOf(response);
      if (may(route) ? code === "permission" : code !== "permission")
        wrong.push(`${nameOf(route)}: ${response.status} ${String(code)}`);
      if (response.status >= 500) wrong.push(`${nameOf(route)}: ${response.status}`);
    }
    expect(wrong).toEqual([]);
  });
});

/** A page without a parameter opens; two lead on while there is nothing to do on them. */
function itself({ path }: Route): number[] {
  if (path === "/me/factor") return [303];
  if (path === "/setup") return [404];
  return [200];
}

/** There is nothing at the address. A history of what never was is empty, and says no more than that. */
function nothingThere({ path }: Route): number[] {
  return /^\/audit\/(object|person|seen)\//.test(path) ? [200, 404] : [404];
}

describe("who is not all there", () => {
  const closed = () => table.filter(({ access }) => access !== "public");

  const strangers: [who: string, login: string | null, options: SessionOptions][] = [
    ["nobody", null, {}],
    ["a session that was idle for too long", "auditor", { startedAgo: 16 }],
    ["a session past its end", "auditor", { startedAgo: 5, endsIn: -1 }],
    ["the session of somebody who was disabled", "disabled", {}],
  ];
  test.each(strangers)("%s is led to sign-in from everywhere", async (_, login, options) => {
    const client = login === null ? world.visitor() : await world.session(login, options);
    for (const route of closed()) {
      const response = await knock(client, route);
      expect(`${nameOf(route)} ${response.status}`).toBe(
        `${nameOf(route)} ${route.method === "get" ? 303 : 401}`,
      );
      if (route.method === "get") expect(response.headers.get("location")).toMatch(/^\/sign-in\?next=/);
    }
  });

  const halves: [who: string, login: string, next: string][] = [
    ["the password alone", "lin.wei", "/sign-in/code"],
    ["a person without a second factor", "not-enrolled", "/enrol"],
  ];
  test.each(halves)("%s reaches the second factor and nothing else", async (_, login, next) => {
    const client = await world.session(login, { level: 1 });
    for (const route of closed().filter(({ access }) => access !== "half")) {
      const response = await knock(client, route);
      expect(`${nameOf(route)} ${response.status} ${response.headers.get("location")}`).toBe(
        `${nameOf(route)} 303 ${next}`,
      );
    }
    expect((await client.get(next)).status).toBe(200);
  });

  test("a form of another site, or one without our token, does nothing (ASVS 3.5.1, 3.5.2)", async () => {
    const client = await world.session("auditor");
    for (const route of actions) {
      const address = emptyAddress(route.path);
      const answer = async (headers: Record<string, string>) => {
        const response = await client.fetch(address, { method: "POST", headers, body: "{}" });
        return `${nameOf(route)} ${response.status} ${String(refusalOf(response))}`;
      };
      for (const type of ["application/x-www-form-urlencoded", "application/json", "text/plain"]) {
        for (const site of ["cross-site", "same-site", "none"]) {
          const sent = await answer({ "sec-fetch-site": site, "content-type": type });
          expect(sent).toBe(`${nameOf(route)} 403 cross_origin`);
        }
        expect(await answer({ "content-type": type })).toBe(`${nameOf(route)} 403 cross_origin`);
      }
      const mayUse = permissionOf(route) === null || roles.get("auditor")?.has(permissionOf(route) ?? "");
      if (mayUse !== true || route.access === "half") continue;
      const bare = await client.post(address, { _csrf: "AAAA" });
      expect(`${nameOf(route)} ${bare.status} ${String(refusalOf(bare))}`).toBe(
        `${nameOf(route)} 403 forged`,
      );
    }
  });
});
