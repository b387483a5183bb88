import { get, type Route } from "../../platform/module.ts";
import { StatisticsPage } from "../../../views/members/statistics.tsx";
import { choices } from "./choices.ts";
import { statistics } from "./statistics.ts";

export const statisticsRoutes: readonly Route[] = [
  get("/members/statistics", statistics, async (page) =>
    page.html(<StatisticsPage v={page.v} choices={choices} {...await page.ask(statistics, {})} />),
  ),
];
