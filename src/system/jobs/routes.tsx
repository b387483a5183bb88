import { get, post, type Route } from "../../platform/module.ts";
import { failedEffects, retryEffect } from "../../platform/outbox/index.ts";
import { JobsPage } from "../../../views/system/jobs.tsx";
import { retryJob } from "./commands.ts";
import { jobStates, listJobs } from "./queries.ts";

export const jobRoutes: readonly Route[] = [
  get("/jobs", listJobs, async (page) => {
    const state = jobStates.find((s) => s === page.query["state"]);
    const after = page.query["after"];
    const jobs = await page.ask(listJobs, {
      ...(state === undefined ? {} : { state }),
      ...(after === undefined ? {} : { after }),
    });
    const mayFailed = page.viewer?.permissions.has(failedEffects.name) === true;
    const failed = mayFailed ? await page.ask(failedEffects, {}) : [];
    return page.html(<JobsPage v={page.v} jobs={jobs} failed={failed} state={state} />);
  }),

  post("/jobs/:run/retry", retryJob, async (page) => {
    await page.execute(retryJob, { run: page.param("run") });
    return page.redirect("/jobs?state=failed", "jobs.notice.retried");
  }),

  post("/jobs/effects/:effect/retry", retryEffect, async (page) => {
    await page.execute(retryEffect, { effect: page.param("effect") });
    return page.redirect("/jobs", "jobs.notice.effect-retried");
  }),
];
