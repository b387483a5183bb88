import type { PoolClient } from "pg";

/** Partitions stand ready for this month and so many after it. */
const AHEAD = 2;

/** Makes the partitions of the log ahead of time. They belong to the owner's role, which the function acts for. */
export async function makeMonthsAhead(client: Pick<PoolClient, "query">, now: Date): Promise<void> {
  const months = Array.from({ length: AHEAD + 1 }, (_, n) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + n, 1)).toISOString().slice(0, 10),
  );
  // The database's own month too: it decides where a batch goes, and its clock need not be ours.
  await client.query(
    "SELECT audit.make_month(m) FROM (SELECT unnest($1::date[]) UNION SELECT (now() AT TIME ZONE 'UTC')::date) AS t(m)",
    [months],
  );
}
