import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../platform/jobs/bench.ts";
import type { Client } from "../support/client.ts";
import { type TestConsole, testConsole } from "../support/console.ts";

let world: TestConsole;
beforeAll(async () => {
  world = await testConsole({ with: "people" });
}, 120_000);
afterAll(async () => await world.close());

const field = (html: string, name: string) =>
  new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? "";
const text = async (client: Client, path: string) => await (await client.get(path)).text();

/** What the form of a step-up asks for, typed in: password and factor for the input that it names. */
const proof = async (page: string, login: string) => ({
  _csrf: field(page, "_csrf"),
  _stepup_level: field(page, "_stepup_level"),
  _stepup_minutes: field(page, "_stepup_minutes"),
  _stepup_digest: field(page, "_stepup_digest"),
  _stepup_password: world.account(login).password,
  _stepup_code: await world.codeFor(login),
});

test("a rotation is asked for by one, agreed to by another, and then happens by itself", async () => {
  const custodian = await world.session(world.loginOf("key_custodian"));
  expect(await text(custodian, "/keys")).toContain("/keys/rotation");
  const reason = { reason: "yearly" };
  const need = await custodian.submit("/keys", reason, "/keys/rotation");
  expect(need.status).toBe(403);
  const asked = await custodian.post("/keys/rotation", {
    ...reason,
    ...(await proof(await need.text(), world.loginOf("key_custodian"))),
  });
  expect(asked.status).toBe(202);
  const versions = async () =>
    (await world.console.read.selectFrom("vault.rotation").select(["to_version", "state"]).execute()).map(
      (row) => row.state,
    );
  expect(await versions()).toEqual([]);

  const login = world.loginOf("approver");
  const approver = await world.session(login);
  const path = /\/approvals\/[0-9a-f-]{36}/.exec(await text(approver, "/approvals"))?.[0] ?? "";
  const digest = field(await text(approver, path), "digest");
  const stepUp = await approver.submit(path, { decision: "approve", digest });
  const decided = await approver.post(path, {
    decision: "approve",
    digest,
    ...(await proof(await stepUp.text(), login)),
  });
  expect(decided.status).toBe(303);
  expect(await versions()).toEqual(["running"]);

  // whoever asked gets from the request to what came of it
  expect(await text(custodian, path)).toMatch(/href="\/keys"[^>]*>(<[^>]*>)*\s*查看结果/);

  await world.work();
  await until(async () => (await versions())[0] === "finished");
  expect(await text(custodian, "/keys")).toContain("已完成");
}, 60_000);

test("a step-up names what it is for, leads back to where the form stood, and scares nobody", async () => {
  const custodian = await world.session(world.loginOf("key_custodian"));
  const fields = { _csrf: await custodian.token("/keys"), reason: "yearly" };
  const first = await custodian.post("/keys/rotation", fields, { referer: `${world.origin}/keys?tab=1` });
  const page = await first.text();
  expect(page).toContain("操作：轮换主密钥");
  expect(page).not.toContain("难以撤销");
  const cancel = /<a[^>]*href="\/keys\?tab=1"[^>]*>(<[^>]*>)*\s*取消/;
  expect(page).toMatch(cancel);

  // a wrong proof forgets neither, and its page stood somewhere else
  const wrong = {
    ...(await proof(page, world.loginOf("key_custodian"))),
    _stepup_operation: field(page, "_stepup_operation"),
    _stepup_back: field(page, "_stepup_back"),
    _stepup_code: "000000",
  };
  const again = await custodian.post(
    "/keys/rotation",
    { ...fields, ...wrong },
    { referer: `${world.origin}/keys/rotation` },
  );
  const text = await again.text();
  expect(text).toContain("操作：轮换主密钥");
  expect(text).toMatch(cancel);
  expect(text).toContain("密码和验证码需要重新输入");
  expect(text).not.toContain("已填写的内容都还在");

  const elsewhere = await custodian.post("/keys/rotation", {
    ...fields,
    ...wrong,
    _stepup_back: "//evil.example/",
  });
  expect(await elsewhere.text()).not.toContain("evil.example");
});

test("whoever may only look at keys is offered no rotation", async () => {
  const operator = await world.session(world.loginOf("platform_operator"));
  const page = await operator.get("/keys");
  expect(page.status).toBe(200);
  expect(await page.text()).not.toContain("/keys/rotation");
});

test("policies: what is in force, with its hash; everybody may read it", async () => {
  const anybody = await world.session(world.loginOf("marketing"));
  const html = await text(anybody, "/policies");
  const shipped = await world.console.read
    .selectFrom("policy.in_force")
    .select(["document", "sha256"])
    .execute();
  expect(shipped.length).toBeGreaterThan(3);
  for (const { document, sha256 } of shipped) {
    expect(html).toContain(['href="/policies/', document ?? "?", '"'].join(""));
    expect(html).toContain((sha256 ?? createHash("sha256").digest()).toString("hex").slice(0, 8));
  }
});

test("policies: the text in force can be read, with its numbers, and no markup in it acts", async () => {
  const anybody = await world.session(world.loginOf("marketing"));
  const page = await text(anybody, "/policies/POL-ACCESS");
  const inForce = await world.console.read
    .selectFrom("policy.version")
    .select("source")
    .where("document", "=", "POL-ACCESS")
    .executeTakeFirstOrThrow();
  expect(page).toContain("<h1>Sign-in and rights</h1>");
  expect(page).toMatch(/session_idle_minutes[\s\S]{1,300}15/);
  const [line = ""] = /一段时间无操作.*/.exec(inForce.source.toString()) ?? [];
  expect(page).toContain(line);
  expect(await text(anybody, "/policies")).toContain("Roles and rights");
  expect(await text(anybody, "/policies/access")).toContain("approvals.decide");
  for (const none of ["POL-NONE", "x".repeat(101)])
    expect((await anybody.get(`/policies/${none}`)).status).toBeGreaterThanOrEqual(404);
  expect((await world.visitor().get("/policies/POL-ACCESS")).status).toBe(303);
});

test("jobs: the page opens, unfiltered and by state", async () => {
  const operator = await world.session(world.loginOf("platform_operator"));
  expect((await operator.get("/jobs")).status).toBe(200);
  expect((await operator.get("/jobs?state=failed")).status).toBe(200);
});

test("ready: everything it needs is there", async () => {
  const answer = await world.visitor().get("/readyz");
  expect(await answer.json()).toEqual({
    database: "ok",
    migrations: "ok",
    keyring: "ok",
    sequencer: "ok",
    disk: "ok",
    audit: "ok",
  });
  expect(answer.status).toBe(200);
});
