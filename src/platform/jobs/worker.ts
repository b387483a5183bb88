import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { Logger, parseCronItems, run, type Runner, type TaskList } from "graphile-worker";
import type { Pool } from "pg";
import { Refusal } from "../../door/refusal.ts";
import type { Door } from "../../door/door.ts";
import { sqlState } from "../../door/transaction.ts";
import type { Log } from "../log.ts";
import type { Job } from "../module.ts";
import {
  failAbandoned,
  giveBack,
  type Holder,
  LEASE_SECONDS,
  type LeasedRun,
  markDone,
  markFailed,
  renewLease,
  takeLease,
} from "./leases.ts";

export interface WorkerOptions {
  pool: Pool;
  door: Door;
  jobs: readonly Job[];
  /** Attempts before a run is `failed` and waits for a person. */
  attempts: () => Promise<number>;
  log: Log;
  concurrency?: number;
  /** How long a lease holds without being renewed; `LEASE_SECONDS` unless a test is in a hurry. */
  leaseSeconds?: number;
}

export interface Worker {
  /** Looks for due work now instead of at the next sweep. */
  wake(): void;
  /** Lets running jobs end (they see their abort signal) and stops. */
  stop(): Promise<void>;
}

/** The sweep that makes a wake-up for everything due, also for what a killed process left under an ended lease. */
const SWEEP_MS = 2_000;

/** A database that does not answer for this long will not close anything any more. */
const QUIET_MS = 5_000;

/**
 * Runs jobs on graphile-worker. Its queue holds wake-ups only: what is due, running, done or failed stands in
 * `jobs.run`, under leases of our own, because a killed worker's lock in the queue lasts hours.
 */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { pool, door, log } = options;
  // a connection that dies while it is lent out must not end the process; the pool replaces it
  pool.on("connect", (client) => client.on("error", () => {}));
  const jobs = new Map(options.jobs.map((job) => [job.name, job]));
  const leaseSeconds = options.leaseSeconds ?? LEASE_SECONDS;
  const stopping = new AbortController();

  async function perform(id: string): Promise<void> {
    if (stopping.signal.aborted) return; // what this worker gave back is for another one
    // a name a run, not a worker: a lease that ended unnoticed is not renewed by the next attempt in the same process
    const holder: Holder = { id: randomUUID(), leaseSeconds };
    const leased = await takeLease(pool, id, holder);
    if (leased === null) return;
    if (stopping.signal.aborted) return await giveBack(pool, leased, holder);
    const lease = new AbortController();
    const renew = async () => {
      const held = await renewLease(pool, id, holder).catch(() => false);
      if (!held) lease.abort();
    };
    const renewal = setInterval(() => void renew(), (leaseSeconds * 1000) / 3);
    const signal = AbortSignal.any([lease.signal, stopping.signal]);
    try {
      await runOne(leased, signal);
      await markDone(pool, leased, holder);
    } catch (error) {
      // whoever ends early because it was told to has not failed
      if (stopping.signal.aborted && isAbort(error, signal)) return await giveBack(pool, leased, holder);
      const fate = await markFailed(pool, leased, holder, describe(error), await options.attempts());
      log.error("job_failed", { job: leased.job, code: fate, count: leased.attempts, error });
    } finally {
      clearInterval(renewal);
    }
  }

  async function runOne(leased: LeasedRun, signal: AbortSignal): Promise<void> {
    const job = jobs.get(leased.job);
    if (job === undefined) throw new OurWords("no module offers this job");
    await job.run({ door, credential: { type: "scheduler", job: leased.job }, signal }, leased.payload);
  }

  async function sweep(): Promise<void> {
    const abandoned = await failAbandoned(pool, await options.attempts());
    if (abandoned > 0) log.error("job_failed", { job: "sweep", code: "abandoned", count: abandoned });
    await pool.query(`
      SELECT graphile_worker.add_job('run', json_build_object('id', id), job_key => id::text, max_attempts => 1)
      FROM jobs.run
      WHERE state = 'due' AND due_at <= now() OR state = 'running' AND lease_until < now()
      ORDER BY due_at LIMIT 100`);
  }

  const tasks: TaskList = {
    run: async (payload) => {
      // written by `sweep`, which is the only one to add this task
      await perform((payload as { id: string }).id);
    },
    schedule: async (payload) => {
      const { job } = payload as { job: string }; // from the cron items below
      await pool.query("SELECT jobs.enqueue($1, '{}')", [job]);
      await sweep();
    },
  };
  const cron = parseCronItems(
    options.jobs.flatMap((job) =>
      job.cron === undefined
        ? []
        : [
            {
              task: "schedule",
              match: job.cron,
              identifier: job.name,
              payload: { job: job.name },
              options: { backfillPeriod: 0 },
            },
          ],
    ),
  );
  const runner: Runner = await run({
    pgPool: pool,
    taskList: tasks,
    parsedCronItems: cron,
    concurrency: options.concurrency ?? 2,
    noHandleSignals: true,
    pollInterval: 1_000,
    logger: new Logger(() => (level, message) => {
      if (level === "error" || level === "warning")
        log.error("job_failed", { job: "graphile-worker", code: level, error: new Error(message) });
    }),
  });

  let asked = false;
  const soon = () => {
    if (asked || stopping.signal.aborted) return;
    asked = true;
    setImmediate(() => {
      asked = false;
      sweep().catch((error: unknown) => log.error("job_failed", { job: "sweep", error }));
    });
  };
  const timer = setInterval(soon, SWEEP_MS);
  soon();

  let stopped: Promise<void> | undefined;
  return {
    wake: soon,
    async stop() {
      stopping.abort();
      clearInterval(timer);
      await (stopped ??= runner.stop().then(async () => await quiet(pool)));
    },
  };
}

/** The library does not wait for the statements that close its last jobs; whoever ends the pool has to. */
async function quiet(pool: Pool): Promise<void> {
  for (let waited = 0; waited < QUIET_MS; waited += 10) {
    if (pool.waitingCount === 0 && pool.idleCount === pool.totalCount) return;
    await delay(10);
  }
}

function isAbort(error: unknown, signal: AbortSignal): boolean {
  return error === signal.reason || (error instanceof Error && error.name === "AbortError");
}

/** A short word for the page of jobs: never a value that a row held. */
function describe(error: unknown): string {
  if (error instanceof Refusal) return `${error.kind}: ${error.code}`;
  const state = sqlState(error);
  if (state !== undefined) return `error: ${state}`; // the words of a database or a system quote what they were given
  // a parser's message quotes what it choked on; the operator's log has it, this table does not
  return error instanceof OurWords ? error.message : error instanceof Error ? error.name : "unknown";
}

/** An error whose message is ours, word for word, and quotes nothing. */
class OurWords extends Error {}
