/** How a body is read. `safe` takes anything, and costs a subtransaction a row. */
export type Reading = "quick" | "safe";

const readings: Record<Reading, string> = {
  quick: "convert_from(body, 'UTF8')::jsonb",
  safe: "audit.read_body(body)",
};

/**
 * The statement that a batch is: out of the stage, into the log, in one go and without a body leaving the database.
 * $1 lowest transaction that can still bring rows, $2 greatest number of rows, $3 index of the first, $4 month.
 *
 * Gives one row: how many, their leaf hashes side by side, the gravest severity, what was odd, and from which
 * transaction on the next batch has to look.
 *
 * Rows are taken in the order of their transactions, by index: what a long snapshot elsewhere keeps from being
 * vacuumed is not read again. That is a matter of speed only; see `lowest` in the sequencer.
 */
export function takeStatement(reading: Reading): string {
  return `
WITH taken AS (
  DELETE FROM audit.stage
  WHERE ctid = ANY (ARRAY(SELECT ctid FROM audit.stage WHERE xid >= $1::text::xid8 ORDER BY xid LIMIT $2::int))
  RETURNING writer, writer_seq, body
), read AS MATERIALIZED (  -- or every column would parse the body again
  SELECT writer, writer_seq, body, ${readings[reading]} AS j FROM taken
), entry AS (
  SELECT $3::bigint - 1 + row_number() OVER (ORDER BY j->>'at' COLLATE "C", writer, writer_seq) AS idx,
         writer, writer_seq, body, j, (j->>'at')::timestamptz AS at, (j->>'severity')::smallint AS severity,
         j->>'action' AS action, j->>'category' AS category, j->'outcome'->>'result' AS outcome
  FROM read
), logged AS (
  INSERT INTO audit.log (month, idx, id, at, writer, writer_seq, severity, crud, action, actor_type, actor_id,
                         category, outcome, code, ip, request, incident, purpose, policy, body)
  SELECT $4::date, idx, (j->>'id')::uuid, at, writer, writer_seq, severity, (j->>'crud')::"char", action,
         j->'actor'->>'type', j->'actor'->>'id', category, outcome, j->'outcome'->>'code', j->'request'->>'ip',
         j->'request'->>'id', j->'correlation'->>'incident', j->'purpose'->>'code', j->'policy'->>'id', body
  FROM entry ORDER BY idx
), targets AS (
  INSERT INTO audit.log_target (month, target_type, target_id, idx)
  SELECT $4::date, t->>'type', t->>'id', idx FROM entry, jsonb_array_elements(j->'target') AS t
), fields AS (
  INSERT INTO audit.log_field (month, field, idx)
  SELECT DISTINCT $4::date, f, idx FROM entry, jsonb_array_elements_text(j->'fields') AS f
), hours AS (
  INSERT INTO audit.hour AS h (hour, first_idx, last_idx)
  SELECT date_trunc('hour', at, 'UTC'), min(idx), max(idx) FROM entry GROUP BY 1
  ON CONFLICT (hour) DO UPDATE SET first_idx = least(h.first_idx, excluded.first_idx),
                                   last_idx = greatest(h.last_idx, excluded.last_idx)
), tallies AS (
  INSERT INTO audit.tally AS t (hour, action, category, outcome, severity, events)
  SELECT date_trunc('hour', at, 'UTC'), action, category, outcome, severity, count(*) FROM entry GROUP BY 1, 2, 3, 4, 5
  ON CONFLICT (hour, action, category, outcome, severity) DO UPDATE SET events = t.events + excluded.events
), numbers AS (
  SELECT writer, writer_seq FROM entry
  UNION ALL
  SELECT (v->>'writer')::uuid, (v->>'seq')::bigint FROM entry, jsonb_array_elements(j->'voids') AS v
  WHERE action = 'audit.void'
), progress AS (
  INSERT INTO audit.writer_progress AS p (writer, seen)
  SELECT writer, range_agg(int8range(writer_seq, writer_seq, '[]')) FROM numbers GROUP BY writer
  ON CONFLICT (writer) DO UPDATE SET seen = p.seen + excluded.seen, last_at = now()
), odd AS (
  SELECT CASE WHEN action = 'audit.unreadable' THEN 'unreadable' WHEN is_misnumbered THEN 'misnumbered' ELSE 'duplicate' END
           AS fault, writer, seq
  FROM (
    SELECT e.writer, e.writer_seq AS seq, e.action, p.seen @> e.writer_seq AS is_again,
           j->'writer'->>'id' IS DISTINCT FROM e.writer::text
             OR j->'writer'->>'seq' IS DISTINCT FROM e.writer_seq::text AS is_misnumbered
    FROM entry e LEFT JOIN audit.writer_progress p ON p.writer = e.writer
  ) AS looked WHERE action = 'audit.unreadable' OR is_again OR is_misnumbered
  UNION ALL
  SELECT 'duplicate', writer, writer_seq FROM entry GROUP BY writer, writer_seq HAVING count(*) > 1
)
SELECT count(*)::int AS taken,
       string_agg(sha256('\\x00'::bytea || body), ''::bytea ORDER BY idx) AS leaves,
       max(severity)::int AS severity,
       (SELECT json_agg(odd) FROM odd) AS odd,
       pg_snapshot_xmin(pg_current_snapshot())::text AS lowest
FROM entry`;
}
