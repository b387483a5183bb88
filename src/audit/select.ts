import { type RawBuilder, sql } from "kysely";
import type { Tx } from "../door/tables.ts";
import { type Entry, entryOf, type EntryRow } from "./entry.ts";
import { type Filter, keepOrder } from "./filter.ts";
import { resolved } from "./resolve.ts";
import { instantOf } from "./time.ts";

/** Where a page of events begins: older than an index, newer than one, or at the newest. */
export interface Window {
  readonly before?: number | undefined;
  readonly after?: number | undefined;
  readonly limit: number;
}

/** The rows that a filter means: from which tables, and under which conditions. */
interface Selection {
  readonly from: RawBuilder<unknown>;
  /** The index column that carries the order: of the table whose index finds the rows. */
  readonly idx: RawBuilder<unknown>;
  readonly where: readonly RawBuilder<unknown>[];
}

const columns = sql`l.idx::float8 AS idx, l.id, l.at, l.action, l.category, l.crud, l.outcome, l.code, l.severity, l.body`;

/**
 * Events of a filter, newest first, `limit` of them. Each filter is an index in the order of the log, so that the first
 * page costs the same at any size and any depth.
 */
export async function selectEntries(tx: Tx, filter: Filter, zone: string, window: Window): Promise<Entry[]> {
  const { from, idx, where } = await selectionOf(tx, filter, zone);
  const newer = window.after !== undefined;
  const edge = newer
    ? [sql`${idx} > ${window.after}`]
    : window.before === undefined
      ? []
      : [sql`${idx} < ${window.before}`];
  // The page's indexes first, then their rows: joined at once, a common value may be planned as a join of all of it.
  const { rows } = await sql<EntryRow>`
    WITH page AS MATERIALIZED (
      SELECT ${idx} AS idx FROM ${from} WHERE ${allOf([...where, ...edge])}
      ORDER BY ${idx} ${newer ? sql`ASC` : sql`DESC`} LIMIT ${window.limit}
    )
    SELECT ${columns} FROM page JOIN audit.log l ON l.idx = page.idx ORDER BY l.idx DESC`.execute(tx);
  return rows.map(entryOf);
}

/** The times of the newest events of a filter, and whether they succeeded: what a histogram is drawn from. */
export async function selectTimes(
  tx: Tx,
  filter: Filter,
  zone: string,
  limit: number,
): Promise<{ at: Date; outcome: string }[]> {
  const { from, idx, where } = await selectionOf(tx, filter, zone, { withEntry: true });
  const { rows } = await sql<{ at: Date; outcome: string }>`
    SELECT l.at, l.outcome FROM ${from} WHERE ${allOf(where)} ORDER BY ${idx} DESC LIMIT ${limit}`.execute(
    tx,
  );
  return rows;
}

/** How many events below an index a filter has; counts no further than `most`. */
export async function countRows(
  tx: Tx,
  filter: Filter,
  zone: string,
  { below, most }: { below: number; most: number },
): Promise<number> {
  const { from, idx, where } = await selectionOf(tx, filter, zone);
  const { rows } = await sql<{ events: number }>`
    SELECT count(*)::float8 AS events
    FROM (SELECT 1 FROM ${from} WHERE ${allOf([...where, sql`${idx} < ${below}`])} LIMIT ${most}) AS found`.execute(
    tx,
  );
  return rows[0]?.events ?? 0;
}

const BATCH = 1_000;

/** Every row of a filter below an index, in ascending order, a batch at a time, for exports. */
export async function* selectRows(
  tx: Tx,
  filter: Filter,
  zone: string,
  below: number,
): AsyncGenerator<EntryRow[]> {
  const { from, idx, where } = await selectionOf(tx, filter, zone, { withEntry: true });
  for (let last = -1; ; ) {
    const window = [sql`${idx} > ${last}`, sql`${idx} < ${below}`];
    const { rows } = await sql<EntryRow>`
      SELECT ${columns} FROM ${from} WHERE ${allOf([...where, ...window])}
      ORDER BY ${idx} LIMIT ${BATCH}`.execute(tx);
    const end = rows.at(-1);
    if (end === undefined) return;
    yield rows;
    last = end.idx;
  }
}

/** `withEntry`: the caller wants columns of the entry (`l`) itself, not only its index. */
async function selectionOf(
  tx: Tx,
  typed: Filter,
  zone: string,
  { withEntry = false } = {},
): Promise<Selection> {
  keepOrder(typed, zone);
  const filter = await resolved(tx, typed);
  const byTarget = filter.target !== undefined || filter.type !== undefined;
  const byField = filter.field !== undefined;
  const where = [...conditions(filter), ...(await timeConditions(tx, filter, zone, byTarget, byField))];
  const needsEntry = where.length > 0 || withEntry;
  if (filter.target !== undefined) where.push(sql`t.target_id = ${filter.target}`);
  if (filter.type !== undefined) where.push(sql`t.target_type = ${filter.type}`);
  if (byField) where.push(sql`f.field = ${filter.field}`);
  return { from: tablesOf(byTarget, byField, needsEntry), idx: leadOf(byTarget, byField), where };
}

function tablesOf(byTarget: boolean, byField: boolean, needsEntry: boolean): RawBuilder<unknown> {
  if (!byTarget && !byField) return sql`audit.log l`;
  const both = sql`audit.log_target t JOIN audit.log_field f ON f.month = t.month AND f.idx = t.idx`;
  const side = byTarget && byField ? both : byTarget ? sql`audit.log_target t` : sql`audit.log_field f`;
  const lead = byTarget ? "t" : "f";
  if (!needsEntry) return side;
  return sql`${side} JOIN audit.log l ON l.month = ${sql.ref(`${lead}.month`)} AND l.idx = ${sql.ref(`${lead}.idx`)}`;
}

const leadOf = (byTarget: boolean, byField: boolean): RawBuilder<unknown> =>
  sql.ref(byTarget ? "t.idx" : byField ? "f.idx" : "l.idx");

function conditions(filter: Filter): RawBuilder<unknown>[] {
  const columns = [
    ["l.actor_id", filter.actor],
    ["l.action", filter.action],
    ["l.category", filter.category],
    ["l.purpose", filter.purpose],
    ["l.outcome", filter.outcome],
    ["l.severity", filter.severity],
    ["l.incident", filter.incident],
    ["l.ip", filter.ip],
    ["l.request", filter.request],
  ] as const;
  return columns.flatMap(([column, value]) =>
    value === undefined ? [] : [sql`${sql.ref(column)} = ${value}`],
  );
}

/**
 * A time as a range of indexes: the hours between tell from where to where to look, and the exact instant decides at
 * the edges. The log's order is that of its writing, so there is no index by time to lead the way.
 */
async function timeConditions(
  tx: Tx,
  { from, to }: Filter,
  zone: string,
  byTarget: boolean,
  byField: boolean,
): Promise<RawBuilder<unknown>[]> {
  if (from === undefined && to === undefined) return [];
  const [start, end] = [from, to].map((text) => (text === undefined ? null : instantOf(text, zone)));
  const { rows } = await sql<{ first: number | null; last: number | null }>`
    SELECT min(first_idx)::float8 AS first, max(last_idx)::float8 AS last FROM audit.hour
    WHERE (${start}::timestamptz IS NULL OR hour >= date_trunc('hour', ${start}::timestamptz, 'UTC'))
      AND (${end}::timestamptz IS NULL OR hour < ${end}::timestamptz)`.execute(tx);
  const range = rows[0];
  if (range === undefined || range.first === null || range.last === null) return [sql`false`];
  const idx = leadOf(byTarget, byField);
  return [
    sql`${idx} >= ${range.first}`,
    sql`${idx} <= ${range.last}`,
    ...(start === null || start === undefined ? [] : [sql`l.at >= ${start}`]),
    ...(end === null || end === undefined ? [] : [sql`l.at < ${end}`]),
  ];
}

function allOf(where: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  return where.length === 0 ? sql`true` : sql.join(where, sql` AND `);
}
