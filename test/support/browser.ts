import { existsSync } from "node:fs";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

/** Where Debian and its relatives put Chromium; another place is named by `CHROMIUM`. */
const places = [
  process.env["CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];
const executable = places.find((place) => place !== undefined && existsSync(place));

/** Whether the tests in a real browser can run here. In CI they have to: there a missing browser is a failure. */
export const browserAvailable = executable !== undefined;

if (!browserAvailable && process.env["CI"] !== undefined) {
  throw new Error(
    "CI has no Chromium, so what people see would go untested. Install it, or name it in CHROMIUM.",
  );
}

/** Starts a browser that asks nobody anything and calls nobody. Close it when done. */
export async function launch(): Promise<Browser> {
  if (executable === undefined) throw new Error("There is no Chromium here; ask browserAvailable first");
  return await chromium.launch({
    executablePath: executable,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Opens a page of its own, with nothing remembered from others, and closes it whatever happens. */
export async function withPage<Result>(
  browser: Browser,
  options: BrowserContextOptions,
  use: (page: Page) => Promise<Result>,
): Promise<Result> {
  const context = await browser.newContext(options);
  try {
    return await use(await context.newPage());
  } finally {
    await context.close();
  }
}
