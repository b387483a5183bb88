import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { command } from "../../src/door/command.ts";
import { chunk } from "../../src/mall/members/import/step.ts";
import { browserAvailable, launch } from "../support/browser.ts";
import { type TestConsole, testConsole } from "../support/console.ts";

const nobody = { type: "operator", osUser: "test" } as const;
const scheduler = { type: "scheduler", job: "members.import" } as const;

/** A rotation that goes on as the test says; nothing else works here. */
const rotation = command({
  name: "t.rotation",
  anonymous: true,
  input: z.strictObject({ id: z.uuid().optional(), done: z.number().optional() }),
  async run({ tx, vault, input }) {
    if (input.id === undefined) return await vault.beginRotation(tx);
    if (input.done === undefined) return await vault.rotationStep(tx, input.id);
    await tx.updateTable("vault.rotation").set({ done: input.done }).where("id", "=", input.id).execute();
    return null;
  },
});

/** Pages that follow long work without being asked to: the jobs do not run, so each step is the test's. */
describe.skipIf(!browserAvailable)("a page that follows work", () => {
  let world: TestConsole;
  let origin: string;
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "gatehouse-live-"));
    world = await testConsole({ with: "people" });
    origin = await world.listen();
    browser = await launch();
  }, 180_000);
  afterAll(async () => {
    await browser.close();
    await world.close();
    await rm(folder, { recursive: true });
  });

  /** A window of this person, and what its script complained about. */
  async function open(login: string): Promise<{ page: Page; complaints: string[] }> {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const session = await world.session(login);
    await context.addCookies([...session.cookies].map(([name, value]) => ({ name, value, url: origin })));
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (line) => {
      if (line.type() === "error") complaints.push(line.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    return { page, complaints };
  }

  const axe = async (page: Page) => {
    const { violations } = await new AxeBuilder({ page }).analyze();
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  };

  /** Uploads a file whose dry run then waits for its next step. Gives the id of the import. */
  async function upload(page: Page, prefix: string): Promise<string> {
    const rows = Array.from(
      { length: 1_200 },
      (_, i) => `${prefix}-${i},王,,${prefix}${i}@example.com,,,2026-01-01,`,
    );
    const file = join(folder, `${prefix}.csv`);
    const header = "member_no,name,phone,email,sex,birth_date,registered_at,consents";
    await writeFile(file, [header, ...rows, ""].join("\r\n"));
    await page.goto(`${origin}/members/imports`);
    await page.locator("input[type=file]").setInputFiles(file);
    await page.locator("form[action='/members/imports'] button[type=submit]").click();
    await page.waitForURL(/\/members\/imports\/[0-9a-f-]{36}$/);
    return page.url().split("/").at(-1) ?? "";
  }

  const step = async (id: string) =>
    (await world.console.door.execute(chunk, scheduler, { import: id })).value.more;
  const counted = async (id: string) =>
    (
      await world.console.read
        .selectFrom("members.import")
        .select("rows_done")
        .where("id", "=", id)
        .executeTakeFirstOrThrow()
    ).rows_done;
  const shows = (page: Page, count: number) =>
    page.locator("#import").getByText(count.toLocaleString("zh-CN"), { exact: true }).first();

  test("an import: each step shows by itself, the end brings the next button, and nothing is loaded again", async () => {
    const { page, complaints } = await open("ma.jun");
    const asked: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    const id = await upload(page, "S");
    await step(id);
    const some = await counted(id);
    expect(some).toBeGreaterThan(0);
    await shows(page, some).waitFor({ timeout: 10_000 });
    expect(await axe(page)).toEqual([]);
    while (await step(id));
    await page.locator("form[action$='/start'] button").waitFor({ timeout: 10_000 });
    await shows(page, 1_200).waitFor();
    expect(await axe(page)).toEqual([]);
    const at = `/members/imports/${id}`;
    expect(asked.filter((path) => path.startsWith(at))).toEqual([at, `${at}/live`, `${at}/progress`]);
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 60_000);

  test("a page whose last script comes late follows its stream all the same", async () => {
    const { page } = await open("ma.jun");
    const id = await upload(page, "L");
    await page.route("**/hx-sse.min.*.js", async (route) => {
      await delay(700);
      await route.continue();
    });
    const asked: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await page.reload();
    await step(id);
    await shows(page, await counted(id)).waitFor({ timeout: 10_000 });
    expect(asked).toContain(`/members/imports/${id}/live`);
    await page.context().close();
  }, 60_000);

  test("without streams it asks again and again instead", async () => {
    const { page } = await open("ma.jun");
    await page.route("**/live", async (route) => await route.fulfill({ status: 429, body: "too many" }));
    const id = await upload(page, "P");
    expect(await page.locator("#import").innerText()).not.toContain("too many");
    await step(id);
    await shows(page, await counted(id)).waitFor({ timeout: 15_000 });
    await step(id);
    await shows(page, await counted(id)).waitFor({ timeout: 15_000 });
    while (await step(id));
    await page.locator("form[action$='/start'] button").waitFor({ timeout: 15_000 });
    await page.context().close();
  }, 60_000);

  test("the watching of it does not keep a session alive, and leads to sign-in when that has ended", async () => {
    const { page } = await open("ma.jun");
    const id = await upload(page, "I");
    await page.locator("#import progress").first().waitFor();
    const seen = async () =>
      await world.console.read
        .selectFrom("access.activity")
        .select((eb) => eb.fn.max("last_seen_at").as("at"))
        .executeTakeFirstOrThrow();
    const before = await seen();
    // longer than the shortest time between two notes of activity
    await page.waitForTimeout(31_000);
    await step(id);
    await shows(page, await counted(id)).waitFor({ timeout: 10_000 });
    expect(await seen()).toEqual(before);
    await page.goto(page.url());
    expect((await seen()).at?.getTime()).toBeGreaterThan(before.at?.getTime() ?? 0);
    await page.context().clearCookies();
    await page.evaluate(() => document.querySelector("#import")?.dispatchEvent(new Event("settled")));
    await page.waitForURL(/\/sign-in\?next=/, { timeout: 10_000 });
    await page.context().close();
  }, 90_000);

  test("a rotation of the keys: rate and time left, then the form for the next one", async () => {
    const { page, complaints } = await open("sun.li");
    const { value } = await world.console.door.execute(rotation, nobody, {});
    const id = value?.id;
    await page.goto(`${origin}/keys`);
    await page.locator("#keys progress").first().waitFor();
    expect(await page.locator("form[action='/keys/rotation']").count()).toBe(0);
    await world.console.door.execute(rotation, nobody, { id, done: 1 });
    await page
      .locator("#keys .progress-detail")
      .getByText(/还需约/)
      .waitFor({ timeout: 10_000 });
    expect(await axe(page)).toEqual([]);
    while ((await world.console.door.execute(rotation, nobody, { id })).value?.state !== "finished");
    await page.locator("form[action='/keys/rotation']").waitFor({ timeout: 10_000 });
    expect(
      await page
        .locator("#keys .progress-detail")
        .getByText(/还需约/)
        .count(),
    ).toBe(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 60_000);
});
