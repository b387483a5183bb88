import { defineModule } from "../../platform/module.ts";
import { careRoutes } from "./care-routes.tsx";
import { commands } from "./commands.ts";
import { demo } from "./demo.ts";
import { myExports } from "./exports.ts";
import { findMember } from "./find.ts";
import { importReport, imports } from "./import/queries.ts";
import { start } from "./import/commands.ts";
import { importRoutes } from "./import/routes.tsx";
import { jobs } from "./jobs.ts";
import { list, reviewQueue } from "./list.ts";
import { params } from "./params.ts";
import { view } from "./queries.ts";
import { revealField } from "./reveal.ts";
import { review } from "./review.ts";
import { found } from "./search.ts";
import { memberRoutes } from "./routes.tsx";
import { countMembers, statistics } from "./statistics.ts";
import { statisticsRoutes } from "./statistics-routes.tsx";

/** Members (会员): clauses 5.1.0 to 5.1.5. The module that shows how a module looks. */
export const membersModule = defineModule({
  name: "members",
  commands,
  queries: [list, found, view, reviewQueue, statistics, countMembers, imports, importReport, myExports],
  routes: [...memberRoutes, ...careRoutes, ...importRoutes, ...statisticsRoutes],
  params,
  jobs,
  nav: [
    { group: "members", label: "members.title", path: "/members", access: list, icon: "members" },
    {
      group: "members",
      label: "members.queue",
      path: "/members/review",
      access: reviewQueue,
      icon: "approve",
    },
    { group: "members", label: "members.imports", path: "/members/imports", access: imports, icon: "upload" },
    {
      group: "members",
      label: "members.statistics",
      path: "/members/statistics",
      access: statistics,
      icon: "half",
    },
    {
      group: "members",
      label: "members.exports",
      path: "/members/exports",
      access: myExports,
      icon: "download",
    },
  ],
  tour: [
    { label: "tour.members.import", path: "/members/imports", access: start },
    { label: "tour.members.find", path: "/members", access: list },
    { label: "tour.members.reveal", path: "/members", access: revealField },
    { label: "tour.members.review", path: "/members/review", access: review },
  ],
  find: findMember,
  demo,
});

/** For the command line: opens the file of an export. */
export { openFile as openExport } from "./sealed-file.ts";
