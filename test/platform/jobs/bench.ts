import { setTimeout as delay } from "node:timers/promises";
import type { Pool } from "pg";
import type { Door } from "../../../src/door/door.ts";
import { openJobsPool } from "../../../src/platform/database/index.ts";
import { startWorker, type Worker } from "../../../src/platform/jobs/worker.ts";
import type { Log } from "../../../src/platform/log.ts";
import type { Job } from "../../../src/platform/module.ts";
import type { TestDatabase } from "../../support/database.ts";

export interface Run {
  id: string;
  job: string;
  state: string;
  attempts: number;
  last_error: string | null;
  due_at: Date;
  lease_until: Date | null;
}

/** Workers and runs of one test database. */
export interface Jobs {
  pool: Pool;
  /** Lines of the operator's log. */
  lines: { event: string; code: string | undefined }[];
  work(jobs: readonly Job[], options?: { attempts?: number; leaseSeconds?: number }): Promise<Worker>;
  /** Makes a run due now; gives its id. */
  add(job: string, payload?: Record<string, string>): Promise<string>;
  run(id: string): Promise<Run | undefined>;
  runs(job: string): Promise<Run[]>;
  /** Back-off over: what waits is due now. */
  hurry(): Promise<void>;
  close(): Promise<void>;
}

const columns = "id, job, state, attempts, last_error, due_at, lease_until";

export function jobsOn(db: TestDatabase, door: Door): Jobs {
  const open = () => openJobsPool({ url: (role) => db.url(role), onError: () => {} });
  const pool = open();
  const workers: Worker[] = [];
  const lines: Jobs["lines"] = [];
  const log = testLog(lines);
  return {
    pool,
    lines,
    async work(jobs, { attempts = 3, leaseSeconds } = {}) {
      const own = open();
      const worker = await startWorker({
        pool: own,
        door,
        jobs,
        attempts: async () => attempts,
        log,
        ...(leaseSeconds === undefined ? {} : { leaseSeconds }),
      });
      let stopped: Promise<void> | undefined;
      const stop = async () => {
        await worker.stop();
        await own.end();
      };
      const both: Worker = { wake: worker.wake, stop: async () => await (stopped ??= stop()) };
      workers.push(both);
      return both;
    },
    async add(job, payload = {}) {
      const { rows } = await db.owner.query<{ id: string }>(
        "INSERT INTO jobs.run (id, job, payload) VALUES (gen_random_uuid(), $1, $2) RETURNING id",
        [job, payload],
      );
      return rows[0]?.id ?? "";
    },
    run: async (id) =>
      (await db.owner.query<Run>(`SELECT ${columns} FROM jobs.run WHERE id = $1`, [id])).rows[0],
    runs: async (job) =>
      (
        await db.owner.query<Run>(`SELECT ${columns} FROM jobs.run WHERE job = $1 ORDER BY created_at, id`, [
          job,
        ])
      ).rows,
    async hurry() {
      await db.owner.query("UPDATE jobs.run SET due_at = now() WHERE state = 'due'");
    },
    async close() {
      await Promise.all(workers.map(async (worker) => await worker.stop()));
      await pool.end();
    },
  };
}

function testLog(lines: Jobs["lines"]): Log {
  const write: Log["info"] = (event, fields) => void lines.push({ event, code: fields?.code });
  return { info: write, warn: write, error: write };
}

/** Waits until something is so, and gives it; the test's own time limit ends a wait in vain. */
export async function until<T>(ask: () => Promise<T> | T): Promise<NonNullable<T>> {
  for (;;) {
    const found = await ask();
    if (found !== undefined && found !== null && found !== false) return found;
    await delay(25);
  }
}
