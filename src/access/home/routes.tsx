import { get, type Route } from "../../platform/module.ts";
import { type HomeKind, HomePage } from "../../../views/access/home.tsx";
import { inbox } from "../approvals/queries.ts";
import { listBreakGlass } from "../break-glass/queries.ts";
import { notices } from "../notices/queries.ts";
import { runtimeOf } from "../runtime.ts";
import { viewSetup } from "../setup/commands.ts";
import type { HomeTile } from "./tile.ts";

/** Which first screen counts when roles name several: whoever watches, watches. */
const order: readonly HomeKind[] = ["watch", "evidence", "queue"];

const ownTiles: readonly HomeTile[] = [
  {
    query: inbox,
    on: order,
    async figure(page) {
      const waiting = await page.ask(inbox, {});
      return {
        label: page.t("access.waiting"),
        value: waiting.length,
        href: "/approvals",
        icon: "approve",
        tone: waiting.length > 0 ? "warn" : "good",
      };
    },
  },
  {
    query: listBreakGlass,
    on: order,
    async figure(page) {
      const open = (await page.ask(listBreakGlass, {})).filter((glass) => glass.outcome === null);
      const late = open.filter((glass) => glass.dueAt < page.v.now).length;
      return {
        label: page.t("access.waiting.glass"),
        value: open.length,
        href: "/staff/break-glass",
        icon: "warn",
        tone: late > 0 ? "bad" : open.length > 0 ? "warn" : "good",
        ...(late > 0 ? { note: page.t("access.waiting.glass.late", { count: late }) } : {}),
      };
    },
  },
];

export const homeRoutes: readonly Route[] = [
  get("/", "anyone", async (page) => {
    const may = (permission: string) => page.viewer?.permissions.has(permission) === true;
    if (may(viewSetup.name) && !may("access.elevate")) return page.redirect("/setup");
    const runtime = runtimeOf(page);
    const policy = await runtime.rules(runtime.read);
    const homes = (page.viewer?.roles ?? []).map((role) => policy.roles.get(role)?.home);
    const kind = order.find((home) => homes.includes(home)) ?? "queue";
    const tiles = [...ownTiles, ...runtime.home].filter((t) => may(t.query.name) && t.on.includes(kind));
    const figures = await Promise.all(tiles.map(async (tile) => await tile.figure(page)));
    return await page.html(
      <HomePage
        v={page.v}
        kind={kind}
        figures={figures.filter((figure) => figure !== null)}
        notices={await page.ask(notices, {})}
      />,
    );
  }),
];
