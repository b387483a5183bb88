import type { AnyQuery } from "../../door/command.ts";
import type { Page } from "../../platform/http/page.ts";
import { get, type Route } from "../../platform/module.ts";
import { type HomeKind, HomePage } from "../../../views/access/home.tsx";
import { inbox } from "../approvals/queries.ts";
import { listBreakGlass } from "../break-glass/queries.ts";
import { notices } from "../notices/queries.ts";
import { runtimeOf } from "../runtime.ts";
import { viewSetup } from "../setup/commands.ts";
import { tiles } from "./tiles.ts";

/** Which first screen counts when roles name several: whoever watches, watches. */
const order: readonly HomeKind[] = ["watch", "evidence", "queue"];

const own: readonly AnyQuery[] = [inbox, listBreakGlass];

export const homeRoutes: readonly Route[] = [
  get("/", "anyone", async (page) => {
    // during the set-up there is nothing else to do
    if (may(page, viewSetup.name) && !may(page, "access.elevate")) return page.redirect("/setup");
    const kind = await kindOf(page);
    return await page.html(
      <HomePage
        v={page.v}
        kind={kind}
        figures={await figuresOf(page, kind)}
        notices={await page.ask(notices, {})}
        tour={runtimeOf(page).tour.filter(({ access }) => may(page, access.name))}
      />,
    );
  }),
];

async function kindOf(page: Page): Promise<HomeKind> {
  const runtime = runtimeOf(page);
  const policy = await runtime.rules(runtime.read);
  const homes = (page.viewer?.roles ?? []).map((role) => policy.roles.get(role)?.home);
  return order.find((home) => homes.includes(home)) ?? "queue";
}

async function figuresOf(page: Page, kind: HomeKind) {
  const { queries } = runtimeOf(page);
  const shown = tiles.filter(
    (tile) =>
      tile.on.includes(kind) && [tile.query, tile.acts ?? tile.query].every((name) => may(page, name)),
  );
  const figures = await Promise.all(
    shown.map(async (tile) => {
      const query = own.find(({ name }) => name === tile.query) ?? queries.get(tile.query);
      return query === undefined ? [] : [tile.figure(await page.ask(query, tile.input), page.v)];
    }),
  );
  return figures.flat();
}

function may(page: Page, permission: string): boolean {
  return page.viewer?.permissions.has(permission) === true;
}
