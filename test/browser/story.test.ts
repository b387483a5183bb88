import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { verifierSource } from "../../src/platform/audit/bundle.ts";
import { openFile } from "../../src/mall/members/sealed-file.ts";
import { messages, type MessageKey } from "../../views/messages/index.ts";
import { browserAvailable, launch } from "../support/browser.ts";
import { type TestConsole, testConsole } from "../support/console.ts";

/** What the officer does with the console on an ordinary day, by the story of the issue. */

const ROWS = 20_000;
const PHONE = "13700012345";

const zh = (key: MessageKey) => messages[key]["zh-CN"];

let world: TestConsole;
let origin: string;
let browser: Browser;
let folder: string;
/** Opened by the first step and used by those after it, as one sitting at the console. */
let officer: Page;

describe.skipIf(!browserAvailable)("a day of the compliance officer", () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "gatehouse-story-"));
    world = await testConsole({ with: "people" });
    origin = await world.listen();
    await world.work();
    browser = await launch();
    officer = await browser.newPage({ acceptDownloads: true });
  }, 180_000);
  afterAll(async () => {
    await browser.close();
    await world.close();
    await rm(folder, { recursive: true, force: true });
  });

  test("signs in with password and authenticator", async () => {
    await signIn(officer, "lin.wei");
    await officer.getByRole("heading", { level: 1 }).waitFor();
    expect(await officer.locator("html").getAttribute("lang")).toBe("zh-CN");
  }, 60_000);

  test("imports 20,000 members: a dry run first, progress, and a report row by row", async () => {
    const file = join(folder, "members.csv");
    await writeFile(file, members());
    await officer.goto(`${origin}/members/imports`);
    await officer.locator("input[type=file]").setInputFiles(file);
    await button(officer, "members.imports.upload").click();
    await button(officer, "members.import.start").waitFor({ timeout: 240_000 });
    expect(await fact(officer, "members.import.outcome.created")).toBe("19,998");
    expect(await fact(officer, "members.import.outcome.refused")).toBe("2");

    await button(officer, "members.import.start").click();
    await officer.locator("progress").first().waitFor();
    const done = officer.locator("#import").getByText(zh("members.import.state.done"), { exact: true });
    await done.first().waitFor({ timeout: 240_000 });
    expect(await fact(officer, "members.import.outcome.created")).toBe("19,998");

    await officer.goto(`${officer.url().split("?")[0]}?outcome=refused`);
    const rows = officer.locator("#report tbody tr");
    expect(await rows.count()).toBe(2);
    expect(await rows.first().innerText()).toContain("101");
  }, 540_000);

  test("finds a member by phone number, which stands in no address", async () => {
    await officer.goto(`${origin}/members`);
    await officer.locator("input[name=text]").fill(PHONE);
    await button(officer, "common.search").click();
    await officer.locator("#found tbody tr a").first().click();
    expect(officer.url()).not.toContain(PHONE);
    expect(await officer.content()).not.toContain(PHONE);
  }, 60_000);

  test("reveals the number for a purpose, after showing the second factor again", async () => {
    await world.ageFactor("lin.wei", 30);
    await officer.locator('a[href$="/reveal/phone"]').click();
    await officer.locator("input[name=purpose][value=identity_check]").check();
    await button(officer, "members.reveal.submit").click();
    await officer.locator("input[name=_stepup_code]").fill(await world.codeFor("lin.wei"));
    await button(officer, "system.step-up.send").click();
    await officer.getByText(PHONE).waitFor();
  }, 60_000);

  test("finds that very event two seconds later, and its proof holds without the console", async () => {
    const member = /members\/([0-9a-f-]{36})\//.exec(officer.url())?.[1] ?? "";
    const shown = performance.now();
    const address = `${origin}/audit?action=members.reveal&target=${member}&type=member&outcome=success`;
    let found = 0;
    while (found === 0 && performance.now() - shown < 2_000) {
      await officer.goto(address);
      found = await officer.locator("#events tbody tr").count();
    }
    expect(found).toBe(1);
    await officer.locator('#events tbody a[href^="/audit/events/"]').first().click();
    const link = officer.locator('a[href$="/proof"]');
    // a proof needs a signed checkpoint over the event, and there is one every few seconds
    await expect
      .poll(
        async () => {
          if ((await link.count()) > 0) return true;
          await officer.reload();
          return (await link.count()) > 0;
        },
        { timeout: 30_000, interval: 1_000 },
      )
      .toBe(true);
    const proof = await saved(officer, async () => await link.first().click());
    expect(await verdict(proof)).toMatch(/verified/i);
  }, 90_000);

  test("asks for an export, and a second person agrees to it", async () => {
    const found = /target=([0-9a-f-]{36})|members\/([0-9a-f-]{36})/;
    await officer.goto(`${origin}/members`);
    await officer.locator("input[name=text]").fill(PHONE);
    await button(officer, "common.search").click();
    const href = (await officer.locator("#found tbody tr a").first().getAttribute("href")) ?? "";
    expect(href).toMatch(found);
    await officer.goto(`${origin}${href}/export`);
    await officer.locator("textarea[name=reason], input[name=reason]").fill("会员本人要求提供其全部资料");
    await officer.locator('form[action$="/export"] button[type=submit]').click();
    await officer.goto(`${origin}/approvals/mine`);
    const request = officer.locator('main a[href^="/approvals/"]:not([href$="/mine"])').first();
    const address = (await request.getAttribute("href")) ?? "";

    const approver = await (await browser.newContext()).newPage();
    await signIn(approver, "chen.hao");
    await approver.goto(`${origin}${address}`);
    await approver.locator("button[name=decision][value=approve]").click();
    await approver.locator("input[name=_stepup_password]").fill(world.account("chen.hao").password);
    await approver.locator("input[name=_stepup_code]").fill(await world.codeFor("chen.hao"));
    await button(approver, "system.step-up.send").click();
    await approver.getByText(zh("access.notice.decided")).waitFor();

    await officer.goto(`${origin}/members/exports`);
    expect(await officer.locator("#exports tbody tr").count()).toBe(1);
    expect(await officer.content()).toContain(zh("members.exports.ready"));

    await officer.locator('#exports a[href^="/members/exports/"]').click();
    await button(officer, "members.exports.fetch").click();
    await officer.locator("input[name=_stepup_password]").fill(world.account("lin.wei").password);
    await officer.locator("input[name=_stepup_code]").fill(await world.codeFor("lin.wei"));
    await button(officer, "system.step-up.send").click();
    // the passphrase stands beside the file when it has come
    const passphrase = await officer.locator("main code").first().innerText();
    const file = await saved(officer, async () => await button(officer, "members.exports.save").click());
    const opened = openFile(await readFile(file, "utf8"), passphrase);
    expect(JSON.parse(opened?.toString() ?? "null")).toMatchObject({ member: expect.anything() });
  }, 120_000);

  test("works with JavaScript off: import, search, reveal, and the proof of it", async () => {
    const context = await browser.newContext({ javaScriptEnabled: false, acceptDownloads: true });
    const page = await context.newPage();
    await signIn(page, "ma.jun");
    const file = join(folder, "few.csv");
    await writeFile(file, members(20, 5_000_000));
    await page.goto(`${origin}/members/imports`);
    await page.locator("input[type=file]").setInputFiles(file);
    await button(page, "members.imports.upload").click();
    await reloadUntil(page, async () => await button(page, "members.import.start").isVisible());
    await button(page, "members.import.start").click();
    const done = page.getByText(zh("members.import.state.done"), { exact: true }).first();
    await reloadUntil(page, async () => await done.isVisible());

    await page.goto(`${origin}/members`);
    await page.locator("input[name=text]").fill("13705000007");
    await button(page, "common.search").click();
    await page.locator("#found tbody tr a").first().click();
    await page.locator('a[href$="/reveal/phone"]').click();
    await page.locator("input[name=purpose][value=identity_check]").check();
    await button(page, "members.reveal.submit").click();
    await page.getByText("13705000007").waitFor();
    const member = /members\/([0-9a-f-]{36})\//.exec(page.url())?.[1] ?? "";

    const auditor = await (
      await browser.newContext({ javaScriptEnabled: false, acceptDownloads: true })
    ).newPage();
    await signIn(auditor, "emma.stone");
    await auditor.goto(`${origin}/audit?action=members.reveal&target=${member}&type=member&outcome=success`);
    await auditor.locator('#events tbody a[href^="/audit/events/"]').first().click();
    const link = auditor.locator('a[href$="/proof"]').first();
    await reloadUntil(auditor, async () => await link.isVisible());
    const proof = await saved(auditor, async () => await link.click());
    expect(await verdict(proof)).toMatch(/verified/i);
  }, 240_000);
});

function button(page: Page, key: MessageKey) {
  const names = [messages[key]["zh-CN"], messages[key].en];
  return page
    .locator("main button, main a.button")
    .filter({ hasText: new RegExp(names.join("|")) })
    .first();
}

async function signIn(page: Page, login: string): Promise<void> {
  await page.goto(`${origin}/sign-in`);
  await page.locator("input[name=login]").fill(login);
  await page.locator("input[name=password]").fill(world.account(login).password);
  await page.locator("main button, form[action='/sign-in'] button").first().click();
  await page.locator("input[name=code]").fill(await world.codeFor(login));
  await page.locator("form[action='/sign-in/code'] button").first().click();
  await page.waitForURL(`${origin}/`);
}

/** The value beside a name in a list of facts. */
async function fact(page: Page, key: MessageKey): Promise<string> {
  const name = page.locator("dt").getByText(zh(key), { exact: true }).first();
  return (await name.locator("xpath=following-sibling::dd[1]").innerText()).trim();
}

async function reloadUntil(page: Page, holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries++) {
    if (tries > 60) throw new Error(`still not so on ${page.url()}`);
    await page.waitForTimeout(500);
    await page.reload();
  }
}

async function saved(page: Page, click: () => Promise<void>): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent("download"), click()]);
  const path = join(folder, `${performance.now()}-${download.suggestedFilename()}`);
  await download.saveAs(path);
  return path;
}

/** What the verifier says, alone with the proof in a directory where there is nothing else. */
async function verdict(proof: string): Promise<string> {
  const alone = await mkdtemp(join(folder, "alone-"));
  await writeFile(join(alone, "gatehouse-verify.mjs"), await verifierSource());
  await copyFile(proof, join(alone, "event.tlog-proof"));
  expect((await readdir(alone)).sort()).toEqual(["event.tlog-proof", "gatehouse-verify.mjs"]);
  const run = promisify(execFile);
  const policy = join(alone, "policy");
  await writeFile(policy, await policyOf());
  const args = ["gatehouse-verify.mjs", "event.tlog-proof", "--policy", "policy"];
  const { stdout } = await run(process.execPath, args, { cwd: alone });
  return stdout;
}

/** The keys that a verifier trusts, as an operator hands them out. */
async function policyOf(): Promise<string> {
  const { audit, read } = world.console;
  const rows = await read.selectFrom("audit.checkpoint").select("origin").distinct().execute();
  return audit.trustPolicy(
    rows.map((row) => row.origin),
    0,
  );
}

/** A file as the outer contract describes it; two rows of it are no members. */
function members(rows = ROWS, from = 0): string {
  const lines = ["member_no,name,phone,email,sex,birth_date,registered_at,consents"];
  for (let n = 0; n < rows; n++) {
    const id = from + n;
    const phone = rows === ROWS && n === 99 ? "12" : `137${String(id).padStart(8, "0")}`;
    const birth = rows === ROWS && n === 199 ? "1990-02-31" : "1990-02-03";
    lines.push(
      `M${String(id).padStart(9, "0")},张三${name(n)},${phone},m${id}@mall.example,female,${birth},2024-05-06,`,
    );
  }
  return `${lines.join("\n")}\n`;
}

const name = (n: number) => String.fromCodePoint(0x4e00 + (n % 5_000));
