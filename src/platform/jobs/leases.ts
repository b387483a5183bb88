import type { Pool } from "pg";

/** How long a lease holds without being renewed. A killed process's work is taken up again after this. */
export const LEASE_SECONDS = 30;

/** Seconds until the next try after so many failed ones: 5, 20, 80, … at most an hour. */
export function backoffSeconds(attempts: number): number {
  return Math.min(3600, 5 * 4 ** Math.max(0, attempts - 1));
}

export interface LeasedRun {
  id: string;
  job: string;
  payload: Record<string, string>;
  attempts: number;
}

/** Takes a lease on a due run, or on one whose holder stopped renewing. Null: somebody else has it, or it is done. */
export async function takeLease(pool: Pool, run: string, holder: string): Promise<LeasedRun | null> {
  const taken = await pool.query<LeasedRun>({
    text: `UPDATE jobs.run
           SET state = 'running', attempts = attempts + 1, lease_by = $2, started_at = now(),
               lease_until = now() + make_interval(secs => $3)
           WHERE id = $1 AND (state = 'due' AND due_at <= now() OR state = 'running' AND lease_until < now())
           RETURNING id, job, payload, attempts`,
    values: [run, holder, LEASE_SECONDS],
  });
  return taken.rows[0] ?? null;
}

/** True while the lease is still ours. */
export async function renewLease(pool: Pool, run: string, holder: string): Promise<boolean> {
  const renewed = await pool.query({
    text: `UPDATE jobs.run SET lease_until = now() + make_interval(secs => $3)
           WHERE id = $1 AND lease_by = $2 AND state = 'running'`,
    values: [run, holder, LEASE_SECONDS],
  });
  return renewed.rowCount === 1;
}

export async function markDone(pool: Pool, run: string, holder: string): Promise<void> {
  await pool.query({
    text: `UPDATE jobs.run SET state = 'done', finished_at = now(), lease_until = NULL, lease_by = NULL, last_error = NULL
           WHERE id = $1 AND lease_by = $2`,
    values: [run, holder],
  });
}

/** Another try later, or the end of it. `error` is a short code or message without personal data. */
export async function markFailed(
  pool: Pool,
  run: LeasedRun,
  holder: string,
  error: string,
  attemptsAllowed: number,
): Promise<"again" | "failed"> {
  const again = run.attempts < attemptsAllowed;
  await pool.query({
    text: `UPDATE jobs.run
           SET state = CASE WHEN $3 THEN 'due' ELSE 'failed' END, last_error = $4, lease_until = NULL, lease_by = NULL,
               due_at = CASE WHEN $3 THEN now() + make_interval(secs => $5) ELSE due_at END,
               finished_at = CASE WHEN $3 THEN NULL ELSE now() END
           WHERE id = $1 AND lease_by = $2
             AND NOT ($3 AND EXISTS (SELECT FROM jobs.run o
                                     WHERE o.job = jobs.run.job AND o.payload = jobs.run.payload AND o.state = 'due'))`,
    values: [run.id, holder, again, error.slice(0, 500), backoffSeconds(run.attempts)],
  });
  return again ? "again" : "failed";
}
