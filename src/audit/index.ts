import type { Tx } from "../door/tables.ts";
import type { Page } from "../platform/http/page.ts";
import { defineModule, type Module } from "../platform/module.ts";
import * as commands from "./commands.ts";
import { logRoutes } from "./log-routes.ts";
import { params } from "./params.ts";
import { entriesRoute } from "./entries-route.ts";
import * as queries from "./queries.ts";
import { pageRoutes } from "./routes.tsx";
import { jobs } from "./sweep.ts";

export { anonymousEventsPerMinute, checkpointSeconds, witnessQuorum } from "./params.ts";
export { verifyLog } from "./verify.ts";

/** The audit log: what people do with it. */
export const auditModule: Module = defineModule({
  name: "audit",
  commands: Object.values(commands),
  queries: Object.values(queries),
  routes: [...pageRoutes, entriesRoute],
  params,
  jobs,
  nav: [
    {
      group: "audit",
      label: "audit.nav.explorer",
      path: "/audit",
      access: queries.search,
      icon: "audit",
    },
    {
      group: "audit",
      label: "audit.nav.status",
      path: "/audit/status",
      access: queries.status,
      icon: "watch",
    },
  ],
  tour: [
    { label: "tour.audit.search", path: "/audit", access: queries.search },
    { label: "tour.audit.status", path: "/audit/status", access: queries.status },
  ],
  find,
});

/** Event ids, indexes, request ids: what the one box of the explorer knows, for the search above every page. */
async function find(page: Page, text: string): Promise<string | null> {
  if (page.viewer?.permissions.has(queries.findOne.name) !== true) return null;
  return (await page.ask(queries.findOne, { text: text.slice(0, 200) })).href ?? null;
}

/**
 * What everybody may read of the log, without the door: hashes and signatures, no event. Its routes need the database
 * and nobody's permission, so they are made where the database is opened.
 */
export function publicLogModule(read: Tx): Module {
  return defineModule({
    name: "public-log",
    commands: [],
    queries: [],
    routes: logRoutes(read),
    params: [],
    jobs: [],
    nav: [],
  });
}
