/** @jsxImportSource hono/jsx */
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ViewContextInput } from "../../views/context.ts";
import { browserAvailable, launch, withPage } from "../support/browser.ts";
import { rendered, testView } from "./context.ts";
import { live } from "../../views/components/index.ts";
import { Page as PageFrame } from "../../views/layout/index.ts";
import { Gallery, SignInExample } from "./gallery.tsx";
import { serveViews, type ViewServer } from "./server.ts";

declare global {
  /** The page's own htmx. */
  var htmx: { process(element: Element): void };
}

const labels = {
  "zh-CN": { review: "复核", log: "审计浏览", members: "会员", staff: "人员", jobs: "任务", home: "看守台" },
  en: {
    review: "Approvals",
    log: "Audit explorer",
    members: "Members",
    staff: "Staff",
    jobs: "Jobs",
    home: "Watch",
  },
};

async function render(changes: Partial<ViewContextInput>, path: string): Promise<string> {
  const say = labels[changes.language ?? "zh-CN"];
  const v = testView({
    viewer: {
      name: changes.language === "en" ? "Chen Jing" : "陈静",
      roles: changes.language === "en" ? ["privacy officer", "approver"] : ["隐私官", "复核人"],
      can: () => true,
      gate: (command) => (command.endsWith("unfreeze") ? "step-up" : "four-eyes"),
    },
    nav: [
      {
        name: "watch",
        items: [
          { label: say.home, href: "/" },
          { label: say.review, href: "/approvals", icon: "two-people", count: 5 },
        ],
      },
      { name: "audit", items: [{ label: say.log, href: "/audit" }] },
      { name: "members", items: [{ label: say.members, href: "/members" }] },
      { name: "people", items: [{ label: say.staff, href: "/staff" }] },
      { name: "system", items: [{ label: say.jobs, href: "/jobs" }] },
      { name: "money", items: [] },
    ],
    banners: [
      { kind: "incident", text: "INC-2026-0012", href: "/incidents/12" },
      { kind: "drill", text: "DR-7" },
    ],
    notices: [{ tone: "good", text: changes.language === "en" ? "Saved." : "已保存。" }],
    ...changes,
  });
  if (path === "/live") {
    const page = (
      <PageFrame v={v} title="Live">
        <div id="live" {...live(v, { stream: "/stream" })}>
          13,400 done
        </div>
      </PageFrame>
    );
    return await rendered(page);
  }
  return await rendered(path === "/sign-in" ? <SignInExample v={v} /> : <Gallery v={v} />);
}

/** Where screenshots go when a person wants to look; nowhere in an ordinary run. */
const pictures = process.env["SCREENSHOTS"];

describe.skipIf(!browserAvailable)("the gallery in Chromium", () => {
  let browser: Browser;
  let server: ViewServer;

  beforeAll(async () => {
    server = await serveViews(render);
    browser = await launch();
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  /** The whole page, in pieces of a height that can be looked at. */
  async function picture(page: Page, path: string): Promise<void> {
    const { width, height } = await page.evaluate(() => ({
      width: document.documentElement.scrollWidth,
      height: document.documentElement.scrollHeight,
    }));
    const before = page.viewportSize();
    await page.setViewportSize({ width: before?.width ?? width, height });
    const piece = width * 1.6;
    for (let y = 0; y < height; y += piece) {
      const clip = { x: 0, y, width, height: Math.min(piece, height - y) };
      await page.screenshot({ path: `${path}-${Math.floor(y / piece)}.png`, clip });
    }
    if (before !== null) await page.setViewportSize(before);
  }

  /** Opens a page at a width and gives what the browser complained about. */
  async function visit<Result>(
    path: string,
    width: number,
    use: (page: Page, complaints: string[]) => Promise<Result>,
  ) {
    return await withPage(
      browser,
      { viewport: { width, height: 900 }, reducedMotion: "reduce" },
      async (page) => {
        const complaints: string[] = [];
        page.on("console", (message) => {
          if (message.type() !== "log") complaints.push(message.text());
        });
        page.on("pageerror", (error) => complaints.push(error.message));
        await page.goto(server.origin + path);
        return await use(page, complaints);
      },
    );
  }

  for (const place of ["/members", "/sign-in"]) {
    for (const language of ["zh-CN", "en"]) {
      for (const theme of ["light", "dark"]) {
        for (const width of [1440, 390]) {
          it(`${place} is accessible in ${language}, ${theme}, ${width} px wide`, async () => {
            await visit(`${place}?language=${language}&theme=${theme}`, width, async (page, complaints) => {
              const name = `${place.slice(1)}-${language}-${theme}-${width}`;
              if (pictures !== undefined) await picture(page, `${pictures}/${name}`);
              const { violations } = await new AxeBuilder({ page }).analyze();
              expect(
                violations.map(({ id, nodes }) => ({ id, html: nodes.map((node) => node.html) })),
              ).toEqual([]);
              expect(complaints).toEqual([]);
              const overflow = await page.evaluate(
                () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
              );
              expect(overflow).toBe(0);
            });
          }, 60_000);
        }
      }
    }
  }

  for (const [menu, width] of [
    ["陈静 账户菜单", 1440],
    ["外观", 390],
    ["菜单", 390],
    ["更多操作：M-0002311", 390],
  ] as const) {
    it(`opens and closes “${menu}” with the keyboard, accessible while open, ${width} px wide`, async () => {
      await visit("/members?density=compact", width, async (page) => {
        const button = page.getByRole("button", { name: menu, exact: true });
        await button.focus();
        await page.keyboard.press("Enter");
        const panel = page.locator(":popover-open");
        await panel.waitFor({ state: "visible" });
        if (pictures !== undefined) await page.screenshot({ path: `${pictures}/open-${menu}.png` });
        const { violations } = await new AxeBuilder({ page }).include(":popover-open").analyze();
        expect(violations.map(({ id, nodes }) => ({ id, html: nodes.map((node) => node.html) }))).toEqual([]);
        await page.keyboard.press("Escape");
        await panel.waitFor({ state: "hidden" });
        expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
      });
    }, 60_000);
  }

  it("prints the content without the frame around it", async () => {
    await visit("/members?theme=dark", 1000, async (page) => {
      await page.emulateMedia({ media: "print" });
      if (pictures !== undefined) await picture(page, `${pictures}/print`);
      expect(await page.getByRole("navigation", { name: "主导航" }).isVisible()).toBe(false);
      expect(await page.getByRole("table", { name: "会员列表" }).isVisible()).toBe(true);
      expect(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)).toBe(
        "rgb(255, 255, 255)",
      );
    });
  });

  it("puts the focus on the summary of errors when a form comes back", async () => {
    await visit("/members", 1440, async (page) => {
      expect(await page.evaluate(() => document.activeElement?.className)).toBe("error-summary");
    });
  });

  it("replaces a list in place, with the address and the announcement that belong to it", async () => {
    await visit("/members", 1440, async (page, complaints) => {
      await page.evaluate(() => Object.assign(window, { kept: true }));
      await page.getByRole("link", { name: "下一页" }).click();
      await page.waitForURL("**/members?after=5");
      expect(await page.evaluate(() => "kept" in window)).toBe(true);
      expect(await page.locator("#announcer").textContent()).toContain("本页 5 条");
      expect(await page.locator("main").count()).toBe(1);
      expect(complaints).toEqual([]);
      // Once more: what came in is as alive as what was there before.
      await page.getByRole("link", { name: "上一页" }).click();
      await page.waitForURL("**/members?before=1");
      expect(await page.evaluate(() => "kept" in window)).toBe(true);
    });
  });

  it("works as plain pages when script is off", async () => {
    await withPage(
      browser,
      { javaScriptEnabled: false, viewport: { width: 390, height: 900 } },
      async (page) => {
        await page.goto(`${server.origin}/members`);
        await page.getByRole("button", { name: "菜单", exact: true }).click();
        await page.getByRole("link", { name: "人员" }).waitFor({ state: "visible" });
        await page.keyboard.press("Escape");
        await page.getByRole("link", { name: "下一页" }).click();
        await page.waitForURL("**/members?after=5");
      },
    );
  });

  it("shows what a stream of events tells it", async () => {
    await visit("/live", 1440, async (page, complaints) => {
      await page.locator("#live p", { hasText: "13,500 done" }).waitFor();
      expect(complaints).toEqual([]);
    });
  });

  it("takes the htmx attributes from markup that does not know the nonce", async () => {
    await visit("/members", 1440, async (page) => {
      const stripped = await page.evaluate(async () => {
        const injected = document.createElement("button");
        injected.setAttribute("hx-get", "/evil");
        document.querySelector("main")?.append(injected);
        htmx.process(injected);
        return !injected.hasAttribute("hx-get");
      });
      expect(stripped).toBe(true);
    });
  });
});
