import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { browserAvailable, launch } from "../support/browser.ts";
import { type TestConsole, testConsole } from "../support/console.ts";
import { crawl } from "../surface/crawl.ts";

/** Every kind of page of the demo in a real browser, as the people of the demo see it. */

const logins = ["lin.wei", "ma.jun", "liu.bo", "he.jing", "chen.hao", "emma.stone", "gao.fei", "sun.li"];
const wide = { width: 1440, height: 900 };
const narrow = { width: 390, height: 844 };

let world: TestConsole;
let origin: string;
let browser: Browser;

interface Stop {
  login: string;
  kind: string;
  address: string;
}
let stops: Stop[];

describe.skipIf(!browserAvailable)("every page", () => {
  beforeAll(async () => {
    world = await testConsole({ with: "demo" });
    stops = await everyKindOnce();
    origin = await world.listen();
    browser = await launch();
  }, 240_000);
  afterAll(async () => {
    await browser.close();
    await world.close();
  });

  test("is without fault by axe, fits its window and says nothing in the console, by day", async () => {
    expect(await walk({ viewport: wide, colorScheme: "light", axe: true, every: 1 })).toEqual([]);
  }, 240_000);

  test("is so by night", async () => {
    expect(await walk({ viewport: wide, colorScheme: "dark", axe: true, every: 2 })).toEqual([]);
  }, 240_000);

  test("is so on a phone", async () => {
    expect(await walk({ viewport: narrow, colorScheme: "light", axe: false, every: 1 })).toEqual([]);
    expect(await walk({ viewport: narrow, colorScheme: "dark", axe: true, every: 4 })).toEqual([]);
  }, 240_000);

  test("stores nothing in the browser and runs with nothing unsafe (ASVS 1.3.2, 14.3.3)", async () => {
    const page = await (await contextOf("lin.wei", { viewport: wide })).newPage();
    await page.goto(`${origin}/members`);
    const stored = await page.evaluate(() => localStorage.length + sessionStorage.length);
    expect(stored).toBe(0);
    const policy = (await page.goto(`${origin}/audit`))?.headers()["content-security-policy"] ?? "";
    expect(policy).toContain("script-src 'nonce-");
    expect(policy).not.toMatch(/unsafe-(eval|inline|hashes)/);
    await page.context().close();
  }, 60_000);
});

interface Walk {
  viewport: { width: number; height: number };
  colorScheme: "light" | "dark";
  axe: boolean;
  /** Every page, or every second, every fourth. */
  every: number;
}

/** Everything that is wrong with the pages in one kind of window. */
async function walk({ viewport, colorScheme, axe, every }: Walk): Promise<string[]> {
  const wrong: string[] = [];
  for (const login of logins) {
    const mine = stops.filter((stop, at) => stop.login === login && at % every === 0);
    if (mine.length === 0) continue;
    const context = await contextOf(login, { viewport, colorScheme });
    const page = await context.newPage();
    let here = "";
    const say = (text: string) => wrong.push(`${here}: ${text}`);
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") say(message.text());
    });
    page.on("pageerror", (error) => say(error.message));
    for (const { address } of mine) {
      here = address;
      await page.goto(`${origin}${address}`, { waitUntil: "load" });
      const beyond = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (beyond > 0) say(`${beyond} px wider than its window`);
      if (axe) for (const fault of await faultsOf(page)) say(fault);
      await picture(page, `${viewport.width}-${colorScheme}`, login, address);
    }
    await context.close();
  }
  return wrong;
}

async function faultsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    .analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
}

/** Keeps what was seen, for whoever wants to look: `SCREENSHOTS` names a directory. */
async function picture(page: Page, kind: string, login: string, address: string): Promise<void> {
  const folder = process.env["SCREENSHOTS"];
  if (folder === undefined) return;
  const name = address.replaceAll(/[^\w-]+/g, "_").slice(0, 60);
  await page.screenshot({ path: `${folder}/${kind}-${login}${name}.png`, fullPage: true });
}

/** A window in which this person has signed in. */
async function contextOf(
  login: string,
  options: Partial<Walk> & { viewport: Walk["viewport"] },
): Promise<BrowserContext> {
  const { viewport, colorScheme = "light" } = options;
  const context = await browser.newContext({ viewport, colorScheme });
  const client = await world.session(login);
  const cookies = [...client.cookies].map(([name, value]) => ({ name, value, url: origin }));
  await context.addCookies(cookies);
  return context;
}

/** What the people of the demo can click their way to: each kind of page with the first who finds it. */
async function everyKindOnce(): Promise<Stop[]> {
  const found: Stop[] = [];
  for (const login of logins) {
    const pages = await crawl(await world.session(login));
    for (const { kind: full, address, html, status } of pages) {
      if (html === "" || status !== 200) continue;
      // a filter in the address makes no other page
      const [kind = ""] = full.split(" ");
      // the first screen and one's own page differ from person to person
      const personal = address === "/" || kind === "/approvals";
      if (personal || !found.some((stop) => stop.kind === kind)) found.push({ login, kind, address });
    }
  }
  return found;
}
