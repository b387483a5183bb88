import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { browserAvailable, launch } from "../support/browser.ts";
import { type TestConsole, testConsole } from "../support/console.ts";

/** The pages of members that only a post leads to, so that no list of addresses reaches them. */
describe.skipIf(!browserAvailable)("members in a browser", () => {
  let world: TestConsole;
  let origin: string;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    world = await testConsole({ with: "people" });
    origin = await world.listen();
    browser = await launch();
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    page = await context.newPage();
    const session = await world.session("ma.jun");
    const cookies = [...session.cookies].map(([name, value]) => ({ name, value, url: origin }));
    await context.addCookies(cookies);
  }, 180_000);
  afterAll(async () => {
    await browser.close();
    await world.close();
  });

  const axe = async () => {
    const { violations } = await new AxeBuilder({ page }).analyze();
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  };
  const send = async (form: string) => {
    await page.locator(`${form} button[type=submit]`).first().click();
    await page.waitForLoadState();
  };

  test("5.1.1 registers with three things: a name, a phone, a consent", async () => {
    await page.goto(`${origin}/members/new`);
    await page.fill("[name=name]", "郭靖");
    await page.fill("[name=phone]", "13700001111");
    await page.fill("[name=member_no]", "B-0001");
    await page.check("[name=consents][value=service]");
    await send("main form");
    await page.getByText("会员已登记").waitFor();
    expect(await axe()).toEqual([]);
  }, 60_000);

  test("finds the member, and the page of results is free of what was searched for", async () => {
    await page.goto(`${origin}/members`);
    await page.selectOption("[name=by]", "last_four");
    await page.fill("main [name=text]", "1111");
    await send("form[action='/members/search']");
    expect(await page.locator("#found tbody tr").count()).toBe(1);
    expect(page.url()).toMatch(/\/members\/search\?found=[\w.%-]+$/);
    expect(await axe()).toEqual([]);
    await page.locator("#found tbody a").first().click();
    await page.getByRole("heading", { level: 1 }).waitFor();
  }, 60_000);

  test("5.1.4 shows one field for its minutes, with a way to hide it at once", async () => {
    const address = page.url();
    await page.locator('a[href$="/reveal/phone"]').click();
    expect(await axe()).toEqual([]);
    await page.check("[name=purpose][value=data_review]");
    await send("form[action$='/reveal/phone']");
    await page.getByText("+8613700001111").waitFor();
    expect(await axe()).toEqual([]);
    await page.getByText("隐去并返回").click();
    await page.waitForURL(address);
    expect(await page.content()).not.toContain("13700001111");
  }, 60_000);

  test("5.1.3 puts both versions side by side when somebody was quicker, and loses nothing", async () => {
    const address = page.url();
    const other = await page.context().newPage();
    await Promise.all([page.goto(`${address}/edit`), other.goto(`${address}/edit`)]);
    await other.fill("[name=name]", "杨过");
    await other.locator("main form button[type=submit]").first().click();
    await other.getByText("已保存").waitFor();
    await page.fill("[name=email]", "guo@example.com");
    await send("form[action$='/edit']");
    expect(await page.locator("#versions").innerText()).toContain("guo@example.com");
    expect(await page.inputValue("[name=email]")).toBe("guo@example.com");
    expect(await axe()).toEqual([]);
    await send("form[action$='/edit']");
    await page.getByText("已保存").waitFor();
  }, 60_000);
});
