import { readFileSync } from "node:fs";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { modules } from "../../src/app.ts";
import { routeTable } from "../../src/platform/http/mount.ts";
import { projectRoot } from "../../src/platform/root.ts";
import { type TestConsole, testConsole } from "../support/console.ts";
import { filesWith, occurrences } from "./source.ts";

let world: TestConsole;

beforeAll(async () => {
  world = await testConsole({ with: "people" });
}, 120_000);
afterAll(async () => await world.close());

describe("V13 configuration", () => {
  test("13.3.1 no secret stands in the source", () => {
    expect(
      occurrences(
        /-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|:\/\/(?!user:password@)\w+:[^\s@"'`$<>{}/]{8,}@/g,
      ),
    ).toEqual([]);
    expect(occurrences(/\b(password|secret|apiKey)\s*[:=]\s*"(?!_stepup_)[^"\s]{8,}"/gi)).toEqual([]);
  });

  test("13.4.1, 13.4.3 no folder and no file of the repository is served", async () => {
    const client = await world.session("wu.gang");
    for (const path of [
      "/.git/config",
      "/.git/",
      "/package.json",
      "/src/app.ts",
      "/assets/",
      "/var/keyring.json",
    ])
      expect(`${path} ${(await client.get(path)).status}`).toBe(`${path} 404`);
    for (const path of [
      "/assets/../package.json",
      "/assets/%2e%2e/package.json",
      "/assets/..%2fpackage.json",
    ])
      expect([400, 404]).toContain((await client.get(path)).status);
  });

  test("13.4.5 the figures of operations are not for passers-by", async () => {
    // a test has no socket, and so no loopback to come from
    expect((await world.visitor().get("/metrics")).status).toBeGreaterThanOrEqual(401);
  });
});

describe("V14 data protection", () => {
  test("14.2.1 a form that takes something to search for or to keep is posted", async () => {
    const client = await world.session("lin.wei");
    for (const path of ["/members", "/members/search", "/audit", "/staff"]) {
      const html = await (await client.get(path)).text();
      for (const [form] of html.matchAll(/<form\b[\s\S]*?<\/form>/g)) {
        if (!/method="get"/i.test(form)) continue;
        expect(`${path} ${form}`).not.toMatch(/name="(phone|email|name|birth_date|text|q|password|code)"/);
      }
    }
  });

  test("14.3.1 signing out makes the browser forget", async () => {
    const client = await world.session("zhou.ting");
    const answer = await client.submit("/me", {}, "/sign-out");
    expect(answer.headers.get("clear-site-data")).toBe('"cache", "cookies", "storage"');
    expect(client.cookies.has("gatehouse")).toBe(false);
  });

  test("14.3.3 no script of ours keeps anything in the browser", () => {
    expect(filesWith(/localStorage|sessionStorage|indexedDB|document\.cookie/)).toEqual([]);
  });
});

describe("V15 secure coding", () => {
  test("15.2.3 a console in earnest loads nothing of tests and demos", async () => {
    const loaded = await loadedBy("src/main.js");
    expect(loaded).toContain("src/access/module.js");
    const unproved = (file: string) => /^test\/|^src\/demo\/|planting/.test(file);
    expect(loaded.filter(unproved)).toEqual([]);
    // the command line reads the demo's list of accounts, and makes nobody
    expect((await loadedBy("src/cli.js")).filter(unproved)).toEqual(["src/demo/accounts.js"]);
    // and this way of looking sees it where it is
    expect((await loadedBy("src/demo/index.js")).filter(unproved)).toContain("src/access/planting.js");
    expect(filesWith(/from "(vitest|[^"]*test\/)/)).toEqual([]);
  });

  test("15.2.3 whoever nobody knows commands it only in order to come in", () => {
    const anonymous = modules.flatMap(({ commands }) => commands.filter((one) => one.anonymous));
    expect(anonymous.map(({ name }) => name).toSorted()).toEqual([
      // does nothing but be refused: the event of a forged form
      "access.forged",
      "access.link.accept",
      "access.setup.begin",
      "access.sign_in",
    ]);
  });

  test("15.3.1 no route and no query takes whole rows", () => {
    expect(
      filesWith(/selectAll\(\)/).filter((path) => /routes|queries|list|search|views\//.test(path)),
    ).toEqual([]);
  });

  test("15.3.3 a field that nobody asked for changes nothing", async () => {
    const client = await world.session("anna.koch");
    const sent = {
      theme: "dark",
      role: "auditor",
      roles: "auditor",
      person: "1",
      state: "active",
      __proto__x: "1",
    };
    await client.submit("/me", sent, "/preferences");
    const person = await world.personId("anna.koch");
    const grants = await world.console.read
      .selectFrom("access.role_grant")
      .select("role")
      .where("person_id", "=", person)
      .execute();
    expect(grants).toEqual([{ role: "marketing" }]);
  });

  test("15.3.6 a field called like a prototype is a field and nothing else", async () => {
    const client = await world.session("anna.koch");
    for (const name of [
      "__proto__",
      "__proto__[admin]",
      "constructor",
      "constructor.prototype.admin",
      "toString",
    ]) {
      const answer = await client.submit("/me", { [name]: "1", theme: "light" }, "/preferences");
      expect(`${name} ${answer.status}`).toBe(`${name} 303`);
    }
    expect(Object.hasOwn(Object.prototype, "admin")).toBe(false);
  });

  test("15.3.7 a field that is given twice is refused, in an address and in a form", async () => {
    const client = await world.session("lin.wei");
    expect((await client.get("/members?tier=gold&tier=silver")).status).toBe(400);
    const token = await client.token("/me");
    const body = `_csrf=${encodeURIComponent(token)}&theme=dark&theme=light`;
    const headers = { "sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded" };
    expect((await client.fetch("/preferences", { method: "POST", headers, body })).status).toBe(400);
  });

  test("15.3.5 the compiler is as strict as it can be", () => {
    const config = readFileSync(join(projectRoot(), "tsconfig.json"), "utf8");
    for (const option of ["strict", "noUncheckedIndexedAccess", "exactOptionalPropertyTypes"])
      expect(config).toMatch(new RegExp(`"${option}": true`));
    expect(occurrences(/[^=!]==[^=]|!=[^=]/g).filter((found) => /\w (==|!=) \w/.test(found))).toEqual([]);
    expect(routeTable(world.console.modules).length).toBeGreaterThan(50);
  });
});

/** The files of the compiled program that Node loads for one of them, by its own account. */
async function loadedBy(entry: string): Promise<string[]> {
  const dist = pathToFileURL(`${join(projectRoot(), "dist")}/`).href;
  const script = `
    import { registerHooks } from "node:module";
    const seen = [];
    registerHooks({ load: (url, context, next) => (seen.push(url), next(url, context)) });
    await import(${JSON.stringify(dist + entry)});
    process.stdout.write(JSON.stringify(seen));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
  const seen = JSON.parse(stdout) as string[]; // written by the line above
  return seen.filter((url) => url.startsWith(dist)).map((url) => url.slice(dist.length));
}
