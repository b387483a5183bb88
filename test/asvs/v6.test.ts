import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readContextWords } from "../../src/access/password/common.ts";
import { problemOf } from "../../src/access/password/rules.ts";
import { routeTable } from "../../src/platform/http/mount.ts";
import { projectRoot } from "../../src/platform/root.ts";
import { type TestConsole, testConsole } from "../support/console.ts";
import { nameOf } from "../surface/address.ts";
import type { Client } from "../support/client.ts";
import { filesWith, occurrences } from "./source.ts";

let world: TestConsole;

beforeAll(async () => {
  world = await testConsole({ with: "people" });
}, 120_000);
afterAll(async () => await world.close());

describe("V6 authentication", () => {
  test("6.1.2 the list of context words has the house, the mall and every role, and is what passwords are held to", async () => {
    const words = readContextWords();
    const { roles } = (await world.console.rules(world.console.read)).access;
    const titles = Object.values(roles).flatMap(({ title }) => [title["zh-CN"], title.en.toLowerCase()]);
    expect(words).toEqual(expect.arrayContaining([...titles, "gatehouse", "守店", "商城", "mall"]));
    for (const word of words.filter((text) => text.length > 3)) {
      const typed = `${word}${word.length < 10 ? word : ""}!7x?q2z`.padEnd(15, word);
      const problem = problemOf(typed, { minimum: 15, names: [], common: new Set(), words });
      expect(`${typed} ${problem?.code}`).toBe(`${typed} password_names`);
      expect(problemOf(typed, { minimum: 15, names: [], common: new Set(), words: [] })).toBeNull();
    }
  });

  test("6.1.3, 6.3.4 every way in is one that the page about access names", () => {
    const open = routeTable(world.console.modules).filter(
      ({ access, method }) => access === "public" && method === "post",
    );
    const ways = open.map(nameOf).filter((name) => !/preferences|sign-out/.test(name));
    expect(ways.sort()).toEqual(["POST /setup/:token", "POST /sign-in", "POST /welcome/:token"]);
    const page = readFileSync(join(projectRoot(), "docs/access.md"), "utf8");
    for (const path of ["/sign-in", "/welcome", "/setup"]) expect(page).toContain(path);
  });

  test("6.2.6, 6.2.7 a password field hides, takes a paste, and tells managers what it is", async () => {
    const html = await (await world.visitor().get("/sign-in")).text();
    const field = /<input[^>]*name="password"[^>]*>/.exec(html)?.[0] ?? "";
    expect(field).toContain('type="password"');
    expect(field).toContain('autocomplete="current-password"');
    expect(/<input[^>]*name="login"[^>]*>/.exec(html)?.[0]).toContain('autocomplete="username"');
    const me = await (await world.session("lin.wei")).get("/me");
    expect(await me.text()).toContain('autocomplete="new-password"');
    expect(filesWith(/onpaste|addEventListener\("paste"/)).toEqual([]);
  });

  test("6.2.9 the form takes a password of 64 characters and more", async () => {
    const html = await (await world.visitor().get("/sign-in")).text();
    const most = Number(/name="password"[^>]*maxlength="(\d+)"/.exec(html)?.[1]);
    expect(most).toBeGreaterThanOrEqual(64);
  });

  test("6.3.8 an unknown name, a wrong password and a disabled person get the same answer", async () => {
    await world.person("left.us", { state: "disabled" });
    const answer = async (login: string) => {
      const client = world.visitor();
      const response = await client.submit("/sign-in", { login, password: "not-the-password-of-anybody" });
      const html = await response.text();
      const told = html
        .replaceAll(login, "LOGIN")
        .replaceAll(/nonce="[^"]+"/g, "")
        .replaceAll(/name="_(csrf|key)" value="[^"]+"/g, "")
        .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "ID");
      return { status: response.status, told };
    };
    const unknown = await answer("no.such.person");
    expect(unknown.status).toBe(403);
    expect(await answer("lin.wei")).toEqual(unknown);
    expect(await answer("left.us")).toEqual(unknown);
  }, 60_000);

  test("6.3.6, 6.4.2 of its people the console keeps no address, no hint and no question that a sign-in could go by", async () => {
    const { rows } = await sql<{ name: string }>`
      SELECT c.relname || '.' || a.attname AS name
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = 'access' AND c.relkind IN ('r', 'p', 'v') AND a.attnum > 0`.execute(
      world.console.read,
    );
    expect(rows.length).toBeGreaterThan(80);
    const suspicious = rows.filter(({ name }) =>
      /mail|phone|mobile|sms|hint|question|answer|remind/.test(name),
    );
    expect(suspicious).toEqual([]);
  });

  test("6.3.6, 6.4.2 the ways in ask for a login, a password and a code, and for nothing else", async () => {
    const asked = async (client: Client, path: string) => {
      const html = await (await client.get(path)).text();
      const form = html.split("<form").find((part) => part.includes(`action="${path}"`)) ?? "";
      const fields = /<(?:input|select|textarea)\b(?![^>]*type="hidden")[^>]*\bname="([^"]+)"/g;
      return [...form.matchAll(fields)].map(([, name]) => name);
    };
    const visitor = world.visitor();
    expect(await asked(visitor, "/sign-in")).toEqual(["login", "password"]);
    const login = "gao.fei";
    await visitor.submit("/sign-in", { login, password: world.account(login).password });
    expect(await asked(visitor, "/sign-in/code")).toEqual(["code"]);
    expect(occurrences(/record\.fact\("factor", [^)]*\)/g).length).toBeGreaterThan(1);
    expect(occurrences(/Promise<"totp" \|[^>]*>/g)).toEqual([
      'src/access/factor/use.ts: Promise<"totp" | "recovery_code" | null>',
    ]);
  });

  test("6.4.6 whoever starts a reset chooses no password", () => {
    const reset = world.console.modules
      .flatMap(({ commands }) => commands)
      .find(({ name }) => name === "staff.reset_password");
    const sent = { person: "no id", reason: "no", password: "chosen by somebody else" };
    const issues = reset?.input.safeParse(sent).error?.issues ?? [];
    expect(issues.find(({ code }) => code === "unrecognized_keys")).toMatchObject({ keys: ["password"] });
  });

  test("6.5.3 chance comes from the system's generator, but for the pause between two tries", () => {
    expect(filesWith(/Math\.random/)).toEqual(["src/door/door.ts"]);
  });

  test("6.5.8 whoever checks a code or a session asks the console's clock", () => {
    expect(filesWith(/Date\.now\(\)/)).toEqual([]);
    expect(filesWith(/new Date\(\)/).filter((path) => path.startsWith("src/access/"))).toEqual([
      "src/access/sessions.ts",
    ]);
  });
});
