import { stepUpMinutes } from "../door/door.ts";
import { takeInPolicies } from "../platform/policy/index.ts";
import { defineModule } from "../platform/module.ts";
import { forgetHistory } from "./forget/commands.ts";
import { forgetJob } from "./forget/jobs.ts";
import { retryJob } from "./jobs/commands.ts";
import { listJobs } from "./jobs/queries.ts";
import { jobRoutes } from "./jobs/routes.tsx";
import { rewrapKeys, rotateKeys } from "./keys/commands.ts";
import { rewrapJob } from "./keys/jobs.ts";
import { keyStatus } from "./keys/queries.ts";
import { keyRoutes } from "./keys/routes.tsx";
import { historyDays, idempotencyHours, jobAttempts } from "./params.ts";
import { listPolicies } from "./policies/queries.ts";
import { policyRoutes } from "./policies/routes.tsx";

/** The machinery: jobs, keys, and which policies are in force. */
export const systemModule = defineModule({
  name: "system",
  commands: [forgetHistory, retryJob, rotateKeys, rewrapKeys, takeInPolicies],
  queries: [listJobs, keyStatus, listPolicies],
  routes: [...jobRoutes, ...keyRoutes, ...policyRoutes],
  params: [historyDays, idempotencyHours, jobAttempts, stepUpMinutes],
  jobs: [forgetJob, rewrapJob],
  nav: [
    { group: "system", label: "jobs.title", path: "/jobs", access: listJobs, icon: "system" },
    { group: "system", label: "keys.title", path: "/keys", access: keyStatus, icon: "key" },
    {
      group: "compliance",
      label: "policies.title",
      path: "/policies",
      access: listPolicies,
      icon: "compliance",
    },
  ],
  tour: [
    { label: "tour.keys", path: "/keys", access: keyStatus },
    { label: "tour.jobs", path: "/jobs", access: listJobs },
  ],
});

export { keyStatus };
export { jobAttempts, idempotencyHours } from "./params.ts";

export { searchModule } from "./search/index.tsx";
