import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { type TestDoor, testDoor } from "../../support/door.ts";
import { type Jobs, jobsOn } from "./bench.ts";

let db: TestDatabase;
let t: TestDoor;
let jobs: Jobs;
beforeAll(async () => {
  db = await testDatabase();
  t = await testDoor(db);
  jobs = jobsOn(db, t.door);
});
afterAll(async () => {
  await jobs.close();
  await t.close();
  await db.close();
});

test("a schedule makes one run at its minute, however many consoles there are", async () => {
  const ran = Promise.withResolvers<void>();
  const job = {
    name: "t.cron",
    cron: "* * * * *",
    run: async () => ran.resolve(),
  };
  await Promise.all([jobs.work([job]), jobs.work([job])]);
  await ran.promise;
  expect(await jobs.runs("t.cron")).toHaveLength(1);
}, 75_000);
