import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { projectRoot } from "../../src/platform/root.ts";
import { type TestConsole, testConsole } from "../support/console.ts";

let world: TestConsole;

beforeAll(async () => {
  world = await testConsole({ with: "people" });
}, 120_000);
afterAll(async () => await world.close());

describe("V7 sessions", () => {
  test("7.1.1, 7.1.2 the limits of a session stand in the policy and on the page about access", () => {
    const policy = readFileSync(join(projectRoot(), "policies/documents/POL-ACCESS.md"), "utf8");
    expect(policy).toMatch(
      /session_idle_minutes: 15\n\s*session_absolute_hours: 8\n\s*sessions_per_person: 5/,
    );
    const page = readFileSync(join(projectRoot(), "docs/access.md"), "utf8");
    expect(page).toContain("| session | idle 15 min, absolute 8 h, five a person |");
    expect(page).toContain("NIST SP 800-63B-4");
  });

  test("7.2.3 a token is 200 bits of the system's generator", async () => {
    const tokens = new Set<string>();
    for (let n = 0; n < 20; n++) {
      const token = (await world.session("li.na")).cookies.get("gatehouse") ?? "";
      expect(token).toMatch(/^[a-z2-7]{40}$/);
      tokens.add(token);
    }
    expect(tokens.size).toBe(20);
  });

  test("7.2.4, 7.4.1 each proof makes a new token, and the old ones and those signed out of are dead", async () => {
    const client = world.visitor();
    const login = "anna.koch";
    await client.submit("/sign-in", { login, password: world.account(login).password });
    const half = client.cookies.get("gatehouse");
    const token = await client.token("/sign-in/code");
    await client.post("/sign-in/code", { _csrf: token, code: await world.codeFor(login) });
    const full = client.cookies.get("gatehouse");
    expect(full).not.toBe(half);
    const replay = async (cookie: string | undefined) => {
      const other = world.visitor();
      other.cookies.set("gatehouse", cookie ?? "");
      return (await other.get("/me")).headers.get("location") ?? "in";
    };
    expect(await replay(half)).toMatch(/^\/sign-in\?/);
    expect(await replay(full)).toBe("in");
    const out = await client.submit("/me", {}, "/sign-out");
    expect(out.headers.get("clear-site-data")).toContain('"cookies"');
    expect(await replay(full)).toMatch(/^\/sign-in\?/);
  }, 60_000);

  test("7.4.4 every page of the console has the way out on it", async () => {
    const client = await world.session("lin.wei");
    for (const path of ["/", "/me", "/audit", "/members", "/approvals", "/staff", "/policies", "/nowhere"])
      expect(await (await client.get(path)).text()).toContain('action="/sign-out"');
  });

  test("7.5.3 the dangerous deeds ask for a second factor or a second person", async () => {
    const policy = await world.console.rules(world.console.read);
    for (const name of policy.access.dangerous) {
      const kind = policy.gate(name).kind;
      expect(`${name} ${kind}`).toMatch(/ (step-up|four-eyes)$/);
    }
  });
});
