import { expect, test } from "vitest";
import { beforeCode, beforeEnrolment } from "../../src/access/half.ts";
import { modules, vocabularyOf } from "../../src/app.ts";
import { compilePolicy, readShipped } from "../../src/platform/policy/index.ts";
import { projectRoot } from "../../src/platform/root.ts";

const policy = compilePolicy(await readShipped(projectRoot()), vocabularyOf(modules));

/** What nobody holds, and why that is right. */
const heldByNobody: Readonly<Record<string, string>> = {};

test("every permission that a module offers is held by somebody", () => {
  const { access } = policy;
  const held = new Set([
    ...access.everyone,
    ...Object.values(access.roles).flatMap((role) => role.permissions),
    ...access.services.scheduler,
    ...access.services.operator,
    // between the factors, by code
    ...beforeCode,
    ...beforeEnrolment,
  ]);
  const offered = modules.flatMap((module) => [
    // what asks for no sign-in asks for no permission
    ...module.commands.filter((command) => !command.anonymous),
    ...module.queries,
  ]);
  const unheld = offered.map(({ name }) => name).filter((name) => !held.has(name));
  expect(unheld.toSorted()).toEqual(Object.keys(heldByNobody).toSorted());
});

test("every job's schedule is one that the queue reads, and every job has one name", () => {
  const jobs = modules.flatMap((module) => module.jobs);
  expect(new Set(jobs.map((job) => job.name)).size).toBe(jobs.length);
  for (const { cron } of jobs) if (cron !== undefined) expect(cron).toMatch(/^(\S+ ){4}\S+$/);
});
