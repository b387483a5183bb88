import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assert, asyncProperty, constantFrom, string } from "fast-check";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chunk } from "../../src/mall/members/import/step.ts";
import { sweep } from "../../src/mall/members/import/sweep.ts";
import { routeTable } from "../../src/platform/http/mount.ts";
import { projectRoot } from "../../src/platform/root.ts";
import type { Client } from "../support/client.ts";
import { type TestConsole, testConsole } from "../support/console.ts";

const CANARY = "canary-3f9a-uploaded";
const HEADER = "member_no,name,phone,email,sex,birth_date,registered_at,consents";
/** A page and a script, as a file of members: it reads well up to its rows. */
const HOSTILE = `${HEADER}\r\n<script>/*${CANARY}*/alert(1)</script>,x,,,,,,\r\n`;
/** The harmless file that every scanner of malware knows, put together so that none finds it in this one. */
const EICAR = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR", "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"].join("");

let world: TestConsole;
let officer: Client;

beforeAll(async () => {
  world = await testConsole({ with: "people" });
  officer = await world.session("lin.wei");
}, 120_000);
afterAll(async () => await world.close());

/** Sends a file under a name of the sender's choice, calls the import off again, and gives its id. */
async function upload(name: string, content: string): Promise<string> {
  const body = new FormData();
  body.set("_csrf", await officer.token("/members/imports"));
  body.set("file", new Blob([content], { type: "text/html" }), name);
  const headers = { "sec-fetch-site": "same-origin" };
  const answer = await officer.fetch("/members/imports", { method: "POST", headers, body });
  expect(answer.status).toBe(303);
  const id = answer.headers.get("location")?.split("/").at(-1) ?? "";
  const page = `/members/imports/${id}`;
  if (content === HOSTILE) await officer.submit(page, {}, `${page}/cancel`);
  return id;
}

/** Files of the data directory beside the database's own. */
async function files(): Promise<string[]> {
  const all = await readdir(world.console.config.dataDir, { recursive: true });
  return all.filter((path) => !/^(postgres|pgdata|database|pg)/.test(path)).sort();
}

const pieces = async (id: string) =>
  (
    await sql<{ sealed: string }>`
      SELECT sealed FROM members.import_chunk WHERE import_id = ${id}`.execute(world.console.read)
  ).rows;

describe("V5 files", () => {
  test("5.3.1 what is uploaded becomes no file, and no address gives it out", async () => {
    const before = await files();
    expect(before).toContain("keyring.json");
    const id = await upload("../../views/assets/evil.html", HOSTILE);
    expect(await files()).toEqual(before);
    const [piece, ...more] = await pieces(id);
    expect(more).toEqual([]);
    expect(piece?.sealed).toMatch(/^e1\./);
    expect(Buffer.from(piece?.sealed ?? "", "base64").toString("latin1")).not.toContain(CANARY);
    const gets = routeTable(world.console.modules).filter(({ method }) => method === "get");
    for (const { path } of gets.filter((route) => /import|assets/.test(route.path))) {
      const answer = await officer.get(path.replace(":import", id));
      expect(`${path} ${(await answer.text()).includes(CANARY)}`).toBe(`${path} false`);
    }
    for (const path of [
      `/assets/${id}`,
      `/assets/evil.html`,
      `/uploads/${id}`,
      `/members/imports/${id}/file`,
    ])
      expect(`${path} ${(await officer.get(path)).status}`).toBe(`${path} 404`);
  }, 60_000);

  test("5.3.2 it stands under an id of ours and the hash of its content, whatever its sender called it", async () => {
    const names = constantFrom(
      "../../etc/passwd",
      "C:\\evil.exe",
      "a\u0000b.csv",
      "守店.csv",
      "‮fdp.exe",
      ".htaccess",
    );
    await assert(
      asyncProperty(names, string({ minLength: 1, maxLength: 12 }), async (name, more) => {
        const id = await upload(`${name}${more.replaceAll(/["\r\n]/g, "")}${CANARY}`, HOSTILE);
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
        const { rows } = await sql<{ row: string }>`
          SELECT to_jsonb(i)::text AS row FROM members.import i WHERE id = ${id}`.execute(world.console.read);
        expect(rows).toHaveLength(1);
        expect(rows[0]?.row).not.toContain(CANARY);
        expect(rows[0]?.row).toContain(createHash("sha256").update(HOSTILE).digest("hex"));
      }),
      { numRuns: 8 },
    );
  }, 60_000);

  test("5.4.3 without a scanner: a file that is no table of members is kept no longer than it takes to see that", async () => {
    const page = readFileSync(join(projectRoot(), "docs/members.md"), "utf8");
    expect(page).toContain("stands in for a malware scan");
    const ids = [await upload("eicar.csv", EICAR), await upload("tool.csv", `MZ\u0090\u0000\u0003${CANARY}`)];
    const job = { type: "scheduler", job: "members.import" } as const;
    const state = async (id: string) =>
      (
        await world.console.read
          .selectFrom("members.import")
          .select("state")
          .where("id", "=", id)
          .executeTakeFirstOrThrow()
      ).state;
    for (const id of ids) {
      if ((await state(id)) === "checking") await world.console.door.execute(chunk, job, { import: id });
      expect(await state(id)).toBe("refused");
    }
    await world.console.door.execute(sweep, { type: "scheduler", job: "members.sweep" }, {});
    for (const id of ids) expect(await pieces(id)).toEqual([]);
    for (const path of await files()) {
      const bytes = await readFile(join(world.console.config.dataDir, path)).catch(() => Buffer.alloc(0));
      expect(`${path} ${bytes.includes(CANARY)}`).toBe(`${path} false`);
    }
  }, 60_000);
});
