import { sql } from "kysely";
import type { Clock } from "../../door/clock.ts";
import { uuidv7 } from "../../door/ids.ts";
import { EXACT_BITS } from "./blind-index.ts";
import type { Executor } from "./database.ts";
import { coincidences, planBits } from "./planner.ts";
import { type Transform, transformRule } from "./transforms.ts";

/** A column that may be searched, and for how many rows the index is planned. */
export interface IndexDeclaration {
  table: string;
  column: string;
  transform: Transform;
  rows: number;
}

/** A declared index with its leak budget: K bits of entropy, L bits shown, C expected coincidences. */
export interface IndexDefinition extends IndexDeclaration {
  version: number;
  exact: boolean;
  entropyBits: number;
  bits: number;
  coincidences: number;
  state: "current" | "retired";
}

/**
 * Plans an index. Exact transforms show 128 bits whatever the budget says (uniqueness shows equality anyway).
 * `RangeError` when a truncated one cannot keep `2 ≤ C ≤ √R`.
 */
export function planIndex(of: IndexDeclaration): Omit<IndexDefinition, "version" | "state"> {
  const { exact, entropyBits } = transformRule(of.transform);
  const bits = exact ? EXACT_BITS : planBits(of.rows, [entropyBits]);
  if (bits === null)
    throw new RangeError(`no index over ${of.table}.${of.column} keeps 2 ≤ C ≤ √R at ${of.rows} rows`);
  return { ...of, exact, entropyBits, bits, coincidences: coincidences(of.rows, [{ bits, entropyBits }]) };
}

/** Writes down the declared indexes that are not there yet, as version 1. Runs as often as wanted. */
export async function declareIndexes(
  db: Executor,
  clock: Clock,
  declarations: readonly IndexDeclaration[],
): Promise<void> {
  const known = await readIndexes(db);
  const now = clock.now();
  for (const declared of declarations) {
    if (known.some((index) => sameIndex(index, declared))) continue;
    const plan = planIndex(declared);
    await sql`
      INSERT INTO vault.blind_index (index_id, table_name, column_name, transform, version, exact, planned_rows,
        entropy_bits, bits, coincidences, created_at)
      VALUES (${uuidv7(now.getTime())}, ${plan.table}, ${plan.column}, ${plan.transform}, 1, ${plan.exact}, ${plan.rows},
        ${plan.entropyBits}, ${plan.bits}, ${plan.coincidences}, ${now})
      ON CONFLICT DO NOTHING`.execute(db);
  }
}

/** All definitions, for the page that shows the leak budget and for those who search. */
export async function readIndexes(db: Executor): Promise<IndexDefinition[]> {
  const { rows } = await sql<IndexDefinition>`
    SELECT table_name AS table, column_name AS column, transform, version, exact, planned_rows AS rows,
      entropy_bits AS "entropyBits", bits, coincidences, state
    FROM vault.blind_index ORDER BY table_name, column_name, transform, version`.execute(db);
  return rows;
}

/** True when both speak of one column and one transform. */
export function sameIndex(a: IndexName, b: IndexName): boolean {
  return a.table === b.table && a.column === b.column && a.transform === b.transform;
}

/** How an index is asked for. */
export type IndexName = Pick<IndexDeclaration, "table" | "column" | "transform">;
