import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { command } from "../../../src/door/command.ts";
import { takeLease } from "../../../src/platform/jobs/leases.ts";
import { retryJob } from "../../../src/system/jobs/commands.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { type TestDoor, testDoor } from "../../support/door.ts";
import { type Jobs, jobsOn } from "./bench.ts";

/** Wakes jobs, and goes on when the test says so. */
let goOn: Promise<void> | undefined;
const ring = command({
  name: "t.ring",
  input: z.strictObject({ jobs: z.array(z.string()), fail: z.boolean().default(false) }),
  async run({ input, wake }) {
    for (const job of input.jobs) wake(job, { n: "1" });
    await goOn;
    if (input.fail) throw new Error("after the wake");
    return {};
  },
});

let db: TestDatabase;
let t: TestDoor;
let jobs: Jobs;
beforeAll(async () => {
  db = await testDatabase();
  t = await testDoor(db, { commands: [ring, retryJob] });
  jobs = jobsOn(db, t.door);
});
afterAll(async () => {
  await jobs.close();
  await t.close();
  await db.close();
});

const holder = () => ({ id: crypto.randomUUID(), leaseSeconds: 30 });

describe("a wake-up", () => {
  test("commits with the change, or not at all", async () => {
    const who = t.person("t.ring");
    await t.door.execute(ring, who, { jobs: ["t.a"] });
    await t.door.execute(ring, who, { jobs: ["t.b"], fail: true }).catch(() => {});
    expect(await jobs.runs("t.a")).toHaveLength(1);
    expect(await jobs.runs("t.b")).toHaveLength(0);
  });

  test("for what is due already makes no second run; another payload does", async () => {
    const who = t.person("t.ring");
    await t.door.execute(ring, who, { jobs: ["t.twice", "t.twice"] });
    await t.door.execute(ring, who, { jobs: ["t.twice"] });
    expect(await jobs.runs("t.twice")).toHaveLength(1);
    await jobs.pool.query(`SELECT jobs.enqueue('t.twice', '{"n":"2"}')`);
    expect(await jobs.runs("t.twice")).toHaveLength(2);
  });

  test("is served by an equal due run only if that one starts after the commit", async () => {
    const due = await jobs.add("t.late", { n: "1" });
    const app = await jobs.pool.connect();
    await app.query("BEGIN");
    await app.query(`SELECT jobs.enqueue('t.late', '{"n":"1"}')`); // not committed yet: its changes are not to be seen
    let taken = false;
    const taking = (async () => {
      taken = (await takeLease(jobs.pool, due, holder())) !== null;
    })();
    await delay(200);
    expect(taken).toBe(false);
    await app.query("COMMIT");
    app.release();
    await taking;
    expect(taken).toBe(true);
    expect(await jobs.runs("t.late")).toHaveLength(1);
  });

  test("for what runs already makes another run: the running one may have looked before", async () => {
    const due = await jobs.add("t.again", { n: "1" });
    await takeLease(jobs.pool, due, holder());
    await t.door.execute(ring, t.person("t.ring"), { jobs: ["t.again"] });
    expect((await jobs.runs("t.again")).map((run) => run.state).toSorted()).toEqual(["due", "running"]);
  });

  test("crosses another one without a deadlock: the door wakes in one order", async () => {
    const barrier = Promise.withResolvers<void>();
    goOn = barrier.promise;
    const both = Array.from({ length: 8 }, async (_, i) => {
      const names = ["t.x", "t.y", "t.z"];
      const order = i % 2 === 0 ? names : names.toReversed();
      return await t.door.execute(ring, t.person("t.ring"), { jobs: order });
    });
    barrier.resolve();
    await Promise.all(both);
    goOn = undefined;
    for (const job of ["t.x", "t.y", "t.z"]) expect(await jobs.runs(job)).toHaveLength(1);
    expect(t.unexpected.map(String)).toEqual(["Error: after the wake"]);
  });

  test("needs the door: nobody tries a run again outside a command", async () => {
    const id = await failed("t.outside");
    const { rows } = await db.pool("gatehouse_app").query("SELECT jobs.try_again($1) AS again", [id]);
    expect(rows).toEqual([{ again: false }]);
    expect((await jobs.run(id))?.state).toBe("failed");
  });
});

describe("jobs.retry", () => {
  test("gives a failed run another set of attempts, and is in the log", async () => {
    const id = await failed("t.failed");
    await t.door.execute(retryJob, t.person("jobs.retry"), { run: id });
    expect(await jobs.run(id)).toMatchObject({ state: "due", attempts: 0 });
    expect((await t.events()).at(-1)).toMatchObject({
      action: "jobs.retry",
      target: [{ type: "job_run", id, label: "t.failed" }],
      change: [{ field: "state", before: "failed", after: "due" }],
    });
  });

  test("refuses what is not failed, and what is not there", async () => {
    const who = t.person("jobs.retry");
    const due = await jobs.add("t.due");
    await expect(t.door.execute(retryJob, who, { run: due })).rejects.toMatchObject({
      kind: "conflict",
      code: "job_not_failed",
    });
    await expect(
      t.door.execute(retryJob, who, { run: "01890000-0000-7000-8000-000000000000" }),
    ).rejects.toMatchObject({ kind: "not-found" });
  });

  test("leaves it to an equal run that is due already", async () => {
    const id = await failed("t.equal");
    const due = await jobs.add("t.equal");
    await t.door.execute(retryJob, t.person("jobs.retry"), { run: id });
    expect((await jobs.runs("t.equal")).map((run) => run.id)).toEqual([due]);
  });
});

async function failed(job: string): Promise<string> {
  const id = await jobs.add(job);
  await db.owner.query(
    "UPDATE jobs.run SET state = 'failed', attempts = 3, finished_at = now() WHERE id = $1",
    [id],
  );
  return id;
}
