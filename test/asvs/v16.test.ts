import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readPostmaster } from "../../src/platform/database/postmaster.ts";
import { type TestConsole, testConsole } from "../support/console.ts";
import { filesWith, occurrences } from "./source.ts";

const CANARY = "canary-7d1f-password-of-nobody";
let world: TestConsole;

beforeAll(async () => {
  world = await testConsole({ with: "people" });
}, 120_000);
afterAll(async () => await world.close());

/** Bodies of events of this action, the newest last. */
async function events(action: string): Promise<Record<string, unknown>[]> {
  await world.console.audit.settle();
  const rows = await world.console.read.selectFrom("audit.log").select("body").orderBy("idx").execute();
  return rows
    .map(({ body }) => JSON.parse(body.toString()) as Record<string, unknown>)
    .filter((event) => event["action"] === action);
}

describe("V16 logging and errors", () => {
  test("16.2.3 nothing is said past the log", () => {
    expect(occurrences(/\bconsole\.(log|info|warn|error|debug|trace)\(/g)).toEqual([]);
    const outs = filesWith(/process\.(stdout|stderr)\.write/);
    expect(
      outs.filter((path) => !/^src\/(main|cli|cli\/.*|platform\/audit\/gatehouse-verify)\.ts$/.test(path)),
    ).toEqual([]);
  });

  test("16.2.4, 16.2.2 every line is JSON with the time in UTC", async () => {
    await world.visitor().get("/healthz");
    expect(world.lines.length).toBeGreaterThan(0);
    for (const line of world.lines) expect(line["time"]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  test("16.2.5 what was typed for a secret is in no line and no event", async () => {
    const client = world.visitor();
    await client.submit("/sign-in", { login: "lin.wei", password: CANARY });
    const half = await world.session("lin.wei", { level: 1 });
    await half.submit("/sign-in/code", { code: CANARY });
    await (await world.session("lin.wei")).get(`/members?tier=${CANARY}`);
    await world.console.audit.settle();
    expect(JSON.stringify(world.lines)).not.toContain(CANARY);
    const rows = await world.console.read.selectFrom("audit.log").select("body").execute();
    for (const { body } of rows) expect(body.toString()).not.toContain(CANARY);
  }, 60_000);

  test("16.3.1 who signs in is in the log, and so is who tried and did not", async () => {
    await world.visitor().submit("/sign-in", { login: "emma.stone", password: CANARY });
    await world.signIn("emma.stone");
    const results = (await events("access.sign_in")).map(({ outcome }) => outcome as { result: string });
    expect(results.map(({ result }) => result)).toContain("denied");
    const codes = (await events("access.sign_in.code")).map(({ outcome }) => outcome as { result: string });
    expect(codes.map(({ result }) => result)).toContain("success");
  }, 60_000);

  test("16.3.2 who was turned away is in the log, with what they wanted", async () => {
    const client = await world.session("anna.koch");
    expect((await client.get("/audit")).status).toBe(403);
    const [last] = (await events("access.turned_away")).slice(-1);
    expect(last?.["target"]).toMatchObject([{ type: "permission", id: "audit.search" }]);
    expect(last?.["actor"]).toMatchObject({ display: "anna.koch" });
  });

  test("16.3.3 forms of other sites and forged ones are in the audit log, with what they were for, and in the operator's", async () => {
    const client = await world.session("anna.koch");
    await client.fetch("/preferences", { method: "POST", headers: { "sec-fetch-site": "cross-site" } });
    await client.post("/preferences", { _csrf: "AAAA" });
    const said = world.lines.map((line) => line["msg"] ?? line["event"]);
    expect(said).toContain("malicious_cors");
    expect(said).toContain("sequence_fail");
    const [cross, forged] = (await events("access.forged")).slice(-2);
    expect(cross).toMatchObject({
      // a form of another site brings no cookie
      actor: { type: "anonymous" },
      target: [{ type: "route", id: "/preferences" }],
      outcome: { result: "denied", code: "cross_origin" },
    });
    expect(forged).toMatchObject({
      actor: { display: "anna.koch" },
      target: [{ type: "route", id: "/preferences" }],
      outcome: { result: "denied", code: "forged" },
    });
  });

  test("16.5.1 an error of ours tells the person the id of the request, and nothing of us", async () => {
    const client = await world.session("lin.wei");
    const answer = await client.get("/nowhere");
    const html = await answer.text();
    expect(html).toContain(answer.headers.get("x-request-id") ?? "none");
    expect(html).not.toMatch(/node_modules|\.ts:\d+|SELECT |postgres/);
  });

  test("16.3.4 an error that nobody expected is in the operator's log with its place, and not with what it quotes", async () => {
    const client = await world.session("lin.wei");
    const { dataDir } = world.console.config;
    const postmaster = await readPostmaster(join(dataDir, "postgres"));
    const password = await readFile(join(dataDir, "postgres.password"), "utf8");
    const owner = new Client(`postgres://postgres:${password}@127.0.0.1:${postmaster?.port ?? 0}/gatehouse`);
    await owner.connect();
    await owner.query("ALTER TABLE members.member RENAME TO elsewhere");
    try {
      const answer = await client.get("/members");
      expect(answer.status).toBe(500);
      const line = world.lines.findLast(({ event }) => event === "unexpected_error");
      expect(line).toMatchObject({
        level: "error",
        request: answer.headers.get("x-request-id"),
        error: { type: "error", code: "42P01" },
      });
      expect(JSON.stringify(line)).not.toContain("does not exist");
    } finally {
      await owner.query("ALTER TABLE members.elsewhere RENAME TO member");
      await owner.end();
    }
  });
});
