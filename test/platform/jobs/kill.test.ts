import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { projectRoot } from "../../../src/platform/root.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { type TestDoor, testDoor } from "../../support/door.ts";
import { type Jobs, jobsOn, until } from "./bench.ts";

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

/** Starts a worker in a process of its own and kills it once it holds the run. */
async function killHolder(): Promise<void> {
  const program = join(projectRoot(), "test/platform/jobs/holder.ts");
  const child = spawn(process.execPath, [program, db.url("gatehouse_jobs")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await ended;
}

test("what a killed process held is taken up when its lease has ended, and not before", async () => {
  const id = await jobs.add("t.killed");
  await killHolder();
  const held = await jobs.run(id);
  expect(held).toMatchObject({ state: "running", attempts: 1 });

  let begunAt = new Date(0);
  const job = { name: "t.killed", run: async () => void (begunAt = new Date()) };
  await jobs.work([job], { leaseSeconds: 2 });
  await until(async () => (await jobs.run(id))?.state === "done");
  expect((await jobs.run(id))?.attempts).toBe(2);
  expect(begunAt.getTime()).toBeGreaterThanOrEqual(held?.lease_until?.getTime() ?? Infinity);
});

test("a run under which the process dies at every attempt is given to a person", async () => {
  const { rows } = await db.owner.query<{ id: string }>(
    `INSERT INTO jobs.run (id, job, payload, state, attempts, lease_by, lease_until)
     VALUES (gen_random_uuid(), 't.killed', '{"n":"2"}', 'running', 3, gen_random_uuid(), now() - interval '1 second')
     RETURNING id`,
  );
  const id = rows[0]?.id ?? "";
  await jobs.work([], { attempts: 3 });
  await until(async () => (await jobs.run(id))?.state === "failed");
  expect(await jobs.run(id)).toMatchObject({ attempts: 3, last_error: "abandoned" });
});
