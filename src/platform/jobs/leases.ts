import type { Pool } from "pg";
import { sqlState } from "../../door/transaction.ts";

/** How long a lease holds without being renewed. A killed process's work is taken up again after this. */
export const LEASE_SECONDS = 30;

const UNIQUE_VIOLATION = "23505";

/** Seconds until the next try after so many failed ones: 5, 20, 80, … at most an hour. */
export function backoffSeconds(attempts: number): number {
  return Math.min(3600, 5 * 4 ** Math.max(0, attempts - 1));
}

export interface LeasedRun {
  id: string;
  job: string;
  payload: Record<string, string>;
  /** This one included. */
  attempts: number;
}

/** A worker that takes leases. */
export interface Holder {
  id: string;
  leaseSeconds: number;
}

/** Takes a lease on a due run, or on one whose holder stopped renewing. Null: somebody else has it, or it is done. */
export async function takeLease(pool: Pool, run: string, holder: Holder): Promise<LeasedRun | null> {
  const taken = await pool.query<LeasedRun>({
    text: `UPDATE jobs.run
           SET state = 'running', attempts = attempts + 1, lease_by = $2, started_at = now(),
               lease_until = now() + make_interval(secs => $3)
           WHERE id = $1 AND (state = 'due' AND due_at <= now() OR state = 'running' AND lease_until < now())
           RETURNING id, job, payload, attempts`,
    values: [run, holder.id, holder.leaseSeconds],
  });
  return taken.rows[0] ?? null;
}

/** True while the lease is still ours. */
export async function renewLease(pool: Pool, run: string, holder: Holder): Promise<boolean> {
  const renewed = await pool.query({
    text: `UPDATE jobs.run SET lease_until = now() + make_interval(secs => $3)
           WHERE id = $1 AND lease_by = $2 AND state = 'running'`,
    values: [run, holder.id, holder.leaseSeconds],
  });
  return renewed.rowCount === 1;
}

export async function markDone(pool: Pool, run: LeasedRun, holder: Holder): Promise<void> {
  await pool.query({
    text: `UPDATE jobs.run SET state = 'done', finished_at = now(), lease_until = NULL, lease_by = NULL, last_error = NULL
           WHERE id = $1 AND lease_by = $2`,
    values: [run.id, holder.id],
  });
}

/** Another try later, or the end of it. `error` is a short code or message without personal data. */
export async function markFailed(
  pool: Pool,
  run: LeasedRun,
  holder: Holder,
  error: string,
  attemptsAllowed: number,
): Promise<"again" | "failed"> {
  const words = error.slice(0, 500);
  if (run.attempts < attemptsAllowed) {
    const wait = backoffSeconds(run.attempts);
    await makeDue(pool, run, holder, { attempts: run.attempts, error: words, wait });
    return "again";
  }
  await pool.query({
    text: `UPDATE jobs.run
           SET state = 'failed', last_error = $3, lease_until = NULL, lease_by = NULL, finished_at = now()
           WHERE id = $1 AND lease_by = $2`,
    values: [run.id, holder.id, words],
  });
  return "failed";
}

/** The worker stops before the run has ended: due again at once, and no attempt is counted. */
export async function giveBack(pool: Pool, run: LeasedRun, holder: Holder): Promise<void> {
  await makeDue(pool, run, holder, { attempts: run.attempts - 1, error: null, wait: 0 });
}

/** Runs whose process died under them once too often are a person's to look at, not the next process's to die of. */
export async function failAbandoned(pool: Pool, attemptsAllowed: number): Promise<number> {
  const failed = await pool.query({
    text: `UPDATE jobs.run
           SET state = 'failed', last_error = 'abandoned', lease_until = NULL, lease_by = NULL, finished_at = now()
           WHERE state = 'running' AND lease_until < now() AND attempts >= $1`,
    values: [attemptsAllowed],
  });
  return failed.rowCount ?? 0;
}

/** Back to `due`. Where an equal run is due already, that one goes on and keeps count of the attempts. */
async function makeDue(
  pool: Pool,
  run: LeasedRun,
  holder: Holder,
  to: { attempts: number; error: string | null; wait: number },
): Promise<void> {
  const values = [run.id, holder.id, to.attempts, to.error];
  try {
    await pool.query({
      text: `UPDATE jobs.run
             SET state = 'due', attempts = $3, last_error = $4, lease_until = NULL, lease_by = NULL, started_at = NULL,
                 due_at = now() + make_interval(secs => $5)
             WHERE id = $1 AND lease_by = $2`,
      values: [...values, to.wait],
    });
  } catch (error) {
    if (sqlState(error) !== UNIQUE_VIOLATION) throw error;
    await pool.query({
      text: `WITH mine AS (DELETE FROM jobs.run WHERE id = $1 AND lease_by = $2 RETURNING job, payload)
             UPDATE jobs.run AS equal SET attempts = greatest(equal.attempts, $3), last_error = $4
             FROM mine WHERE equal.job = mine.job AND equal.payload = mine.payload AND equal.state = 'due'`,
      values,
    });
  }
}
