import { sql } from "kysely";
import { z } from "zod";
import { query } from "../door/command.ts";
import type { Tx } from "../door/tables.ts";
import { Filter, filterRules, keepOrder } from "./filter.ts";
import { selectTimes } from "./select.ts";
import { resolved } from "./resolve.ts";
import { instantOf } from "./time.ts";
import { together } from "../platform/together.ts";

/** Filters that the hourly counts know; with any other one the newest events are counted themselves. */
const tallied = new Set(["from", "to", "action", "category", "outcome", "severity"]);
/** Events that are counted where the hourly counts do not help. */
const COUNTED = 20_000;
const MOST_BARS = 72;
const HOUR_MS = 3_600_000;
/** Lengths of a bar, in hours: an hour, six, a day, a week, four weeks. */
const lengths = [1, 6, 24, 168, 672];

export interface Bar {
  readonly from: Date;
  readonly to: Date;
  readonly events: number;
  /** Of them denied or failed. */
  readonly refused: number;
}

export interface HistogramOf {
  readonly bars: readonly Bar[];
  /** Only the newest so many events were counted. */
  readonly cutAt: number | undefined;
}

/** How many events a filter has, over time. */
export const histogram = query({
  name: "audit.histogram",
  input: together(z.strictObject({ filter: Filter.default({}) }), ...filterRules),
  run: async ({ tx, mallTimeZone, input, now }): Promise<HistogramOf> =>
    await countOverTime(tx, input.filter, mallTimeZone, now),
});

export async function countOverTime(tx: Tx, filter: Filter, zone: string, now: Date): Promise<HistogramOf> {
  keepOrder(filter, zone);
  const isTallied = Object.keys(filter).every((key) => tallied.has(key));
  const counts = isTallied ? await fromTally(tx, filter, zone) : await fromEvents(tx, filter, zone);
  const seen = counts.reduce((sum, { events }) => sum + events, 0);
  return {
    bars: inBars(counts, spanOf(counts, filter, zone, now)),
    cutAt: !isTallied && seen >= COUNTED ? COUNTED : undefined,
  };
}

interface Count {
  hour: Date;
  events: number;
  refused: number;
}

async function fromTally(tx: Tx, typed: Filter, zone: string): Promise<Count[]> {
  const filter = await resolved(tx, typed);
  const start = filter.from === undefined ? undefined : instantOf(filter.from, zone);
  const end = filter.to === undefined ? undefined : instantOf(filter.to, zone);
  const rows = await tx
    .selectFrom("audit.tally")
    .select([
      "hour",
      sql<number>`sum(events)::float8`.as("events"),
      sql<number>`coalesce(sum(events) FILTER (WHERE outcome IN ('denied', 'failure')), 0)::float8`.as(
        "refused",
      ),
    ])
    .$if(start !== undefined, (q) =>
      q.where("hour", ">=", sql<Date>`date_trunc('hour', ${start}::timestamptz, 'UTC')`),
    )
    .$if(end !== undefined, (q) => q.where("hour", "<", sql<Date>`${end}::timestamptz`))
    .$if(filter.action !== undefined, (q) => q.where("action", "=", filter.action ?? ""))
    .$if(filter.category !== undefined, (q) => q.where("category", "=", filter.category ?? ""))
    .$if(filter.outcome !== undefined, (q) => q.where("outcome", "=", filter.outcome ?? ""))
    .$if(filter.severity !== undefined, (q) => q.where("severity", "=", filter.severity ?? 0))
    .groupBy("hour")
    .execute();
  return rows;
}

async function fromEvents(tx: Tx, filter: Filter, zone: string): Promise<Count[]> {
  const times = await selectTimes(tx, filter, zone, COUNTED);
  const hours = new Map<number, Count>();
  for (const { at, outcome } of times) {
    const hour = Math.floor(at.getTime() / HOUR_MS) * HOUR_MS;
    const count = hours.get(hour) ?? { hour: new Date(hour), events: 0, refused: 0 };
    count.events += 1;
    if (outcome === "denied" || outcome === "failure") count.refused += 1;
    hours.set(hour, count);
  }
  return [...hours.values()];
}

/** A young log is drawn as one day, not as one bar. */
const SHORTEST_MS = 24 * HOUR_MS;

/** From the filter's start to its end; without them from the first event to now, a day at least. In milliseconds. */
function spanOf(
  counts: readonly Count[],
  filter: Filter,
  zone: string,
  now: Date,
): { from: number; to: number } {
  const hours = counts.map(({ hour }) => hour.getTime());
  const to = filter.to === undefined ? now.getTime() : instantOf(filter.to, zone).getTime();
  const from =
    filter.from === undefined ? Math.min(to - SHORTEST_MS, ...hours) : instantOf(filter.from, zone).getTime();
  return { from, to: Math.max(to, from + HOUR_MS) };
}

function inBars(counts: readonly Count[], { from, to }: { from: number; to: number }): Bar[] {
  const hours = Math.ceil((to - from) / HOUR_MS);
  const length = (lengths.find((one) => hours / one <= MOST_BARS) ?? Math.ceil(hours / MOST_BARS)) * HOUR_MS;
  const first = Math.floor(from / length) * length;
  const bars = Array.from({ length: Math.ceil((to - first) / length) }, (_, n) => ({
    from: new Date(first + n * length),
    to: new Date(first + (n + 1) * length),
    events: 0,
    refused: 0,
  }));
  for (const { hour, events, refused } of counts) {
    const bar = bars[Math.floor((hour.getTime() - first) / length)];
    if (bar === undefined) continue;
    bar.events += events;
    bar.refused += refused;
  }
  return bars;
}
