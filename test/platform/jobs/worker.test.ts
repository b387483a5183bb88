import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Refusal } from "../../../src/door/refusal.ts";
import type { Job } from "../../../src/platform/module.ts";
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

/** Until the run is in this state. */
const state = async (id: string, wanted: string) =>
  await until(async () => {
    const run = await jobs.run(id);
    return run?.state === wanted ? run : null;
  });

describe("a run", () => {
  test("happens once, as the scheduler, with its payload, and is done", async () => {
    const seen: unknown[] = [];
    const job: Job = {
      name: "t.once",
      run: async ({ credential }, payload) => void seen.push({ credential, payload }),
    };
    const worker = await jobs.work([job]);
    const id = await jobs.add("t.once", { import: "7" });
    worker.wake();
    expect(await state(id, "done")).toMatchObject({ attempts: 1, last_error: null });
    await delay(300);
    expect(seen).toEqual([{ credential: { type: "scheduler", job: "t.once" }, payload: { import: "7" } }]);
    await worker.stop();
  });

  test("is found by the sweep when nobody wakes the worker", async () => {
    const worker = await jobs.work([{ name: "t.swept", run: async () => {} }]);
    const id = await jobs.add("t.swept");
    await state(id, "done");
    await worker.stop();
  });

  test("that fails is tried again later and later, then waits for a person", async () => {
    let tries = 0;
    const job: Job = {
      name: "t.fails",
      run: async () => {
        tries += 1;
        throw new Refusal("unavailable", "busy");
      },
    };
    const worker = await jobs.work([job], { attempts: 3 });
    const id = await jobs.add("t.fails");
    const waits: number[] = [];
    for (const attempt of [1, 2]) {
      const run = await until(async () => {
        const now = await jobs.run(id);
        return now?.state === "due" && now.attempts === attempt ? now : null;
      });
      waits.push(Math.round((run.due_at.getTime() - new Date().getTime()) / 1000));
      expect(run.last_error).toBe("unavailable: busy");
      await jobs.hurry();
    }
    expect(waits[0]).toBeGreaterThanOrEqual(3);
    expect(waits[0]).toBeLessThanOrEqual(5);
    expect(waits[1]).toBeGreaterThanOrEqual(18);
    expect(await state(id, "failed")).toMatchObject({ attempts: 3, lease_until: null });
    await jobs.hurry();
    await delay(300);
    expect(tries).toBe(3);
    expect(jobs.lines.filter((line) => line.event === "job_failed").map((line) => line.code)).toEqual([
      "again",
      "again",
      "failed",
    ]);
    await worker.stop();
  });

  test("says of a database error only its code: its words quote what a row held", async () => {
    const job: Job = {
      name: "t.quotes",
      run: async () => void (await db.owner.query("SELECT 'secret'::uuid")),
    };
    const worker = await jobs.work([job], { attempts: 1 });
    const id = await jobs.add("t.quotes");
    worker.wake();
    expect((await state(id, "failed")).last_error).toBe("error: 22P02");
    await worker.stop();
  });

  test("that fails while an equal one is due leaves it its attempts, and does not stay running", async () => {
    const begun = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const job: Job = {
      name: "t.equal",
      async run() {
        begun.resolve();
        await goOn.promise;
        throw new Refusal("unavailable", "busy");
      },
    };
    const worker = await jobs.work([job], { attempts: 5 });
    const first = await jobs.add("t.equal");
    worker.wake();
    await begun.promise;
    const { rows } = await db.owner.query<{ id: string }>(
      `INSERT INTO jobs.run (id, job, due_at) VALUES (gen_random_uuid(), 't.equal', now() + interval '1 hour') RETURNING id`,
    );
    goOn.resolve();
    const [left] = await until(async () => {
      const runs = await jobs.runs("t.equal");
      return runs.length === 1 ? runs : null;
    });
    expect(left).toMatchObject({
      id: rows[0]?.id,
      state: "due",
      attempts: 1,
      last_error: "unavailable: busy",
    });
    expect(await jobs.run(first)).toBeUndefined();
    await worker.stop();
  });

  test("of a job that no module offers any more fails and says so", async () => {
    const worker = await jobs.work([], { attempts: 1 });
    const id = await jobs.add("t.gone");
    worker.wake();
    expect((await state(id, "failed")).last_error).toBe("no module offers this job");
    await worker.stop();
  });
});

describe("two workers", () => {
  test("never run one run at once, and both take part", async () => {
    const running = new Map<string, number>();
    const seen: string[] = [];
    let most = 0;
    const job: Job = {
      name: "t.shared",
      async run(_, { n = "" }) {
        running.set(n, (running.get(n) ?? 0) + 1);
        most = Math.max(most, running.get(n) ?? 0);
        seen.push(n);
        await delay(20);
        running.set(n, (running.get(n) ?? 0) - 1);
      },
    };
    const two = await Promise.all([jobs.work([job]), jobs.work([job])]);
    const ids = await Promise.all(
      Array.from({ length: 30 }, async (_, n) => await jobs.add("t.shared", { n: String(n) })),
    );
    for (let i = 0; i < 5; i += 1) for (const worker of two) worker.wake();
    for (const id of ids) await state(id, "done");
    expect(most).toBe(1);
    expect(seen.toSorted()).toEqual(Array.from({ length: 30 }, (_, n) => String(n)).toSorted());
    await Promise.all(two.map(async (worker) => await worker.stop()));
  });

  test("a lease that is renewed is not taken over, however long the run lasts", async () => {
    let begun = 0;
    const job: Job = {
      name: "t.long",
      async run() {
        begun += 1;
        await delay(3_500);
      },
    };
    const two = await Promise.all([
      jobs.work([job], { leaseSeconds: 1 }),
      jobs.work([job], { leaseSeconds: 1 }),
    ]);
    const id = await jobs.add("t.long");
    await state(id, "done");
    expect(begun).toBe(1);
    await Promise.all(two.map(async (worker) => await worker.stop()));
  });
});

describe("a stop", () => {
  test("is seen by the running job, which is due again at once and has used up no attempt", async () => {
    const begun = Promise.withResolvers<void>();
    let aborted = false;
    const job: Job = {
      name: "t.stopped",
      async run({ signal }) {
        begun.resolve();
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
        aborted = true;
        signal.throwIfAborted();
      },
    };
    const worker = await jobs.work([job], { attempts: 1 });
    const id = await jobs.add("t.stopped");
    worker.wake();
    await begun.promise;
    await worker.stop();
    expect(aborted).toBe(true);
    expect(await jobs.run(id)).toMatchObject({ state: "due", attempts: 0, last_error: null });
  });

  test("is an end: what was given back begins no second time in the same worker", async () => {
    let begunAfterwards = 0;
    for (let i = 0; i < 15; i += 1) {
      const begun = Promise.withResolvers<void>();
      const job: Job = {
        name: `t.end${i}`,
        async run({ signal }) {
          if (signal.aborted) begunAfterwards += 1;
          begun.resolve();
          if (!signal.aborted)
            await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
          signal.throwIfAborted();
        },
      };
      const worker = await jobs.work([job]);
      await jobs.add(job.name);
      worker.wake();
      await begun.promise;
      worker.wake();
      await worker.stop();
    }
    expect(begunAfterwards).toBe(0);
  });

  test("waits for a job that has only a moment left", async () => {
    const begun = Promise.withResolvers<void>();
    const job: Job = {
      name: "t.nearly",
      async run() {
        begun.resolve();
        await delay(200);
      },
    };
    const worker = await jobs.work([job]);
    const id = await jobs.add("t.nearly");
    worker.wake();
    await begun.promise;
    await worker.stop();
    expect((await jobs.run(id))?.state).toBe("done");
  });
});
