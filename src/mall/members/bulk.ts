import { type RawBuilder, sql } from "kysely";

/**
 * An INSERT of many rows with one array a column: the statement has as many parameters as columns, however many rows there
 * are, and its text is always the same. `types` names the columns with their PostgreSQL types.
 */
export function insertRows<Column extends string>(
  table: string,
  types: Readonly<Record<Column, string>>,
  rows: readonly Readonly<Record<Column, unknown>>[],
): RawBuilder<unknown> {
  // the keys of a record of columns are its columns
  const columns = Object.keys(types) as Column[];
  const names = sql.join(columns.map((column) => sql.ref(column)));
  const arrays = columns.map((column) => sql`${rows.map((row) => row[column])}::${sql.raw(types[column])}[]`);
  return sql`INSERT INTO ${sql.table(table)} (${names}) SELECT * FROM unnest(${sql.join(arrays)})`;
}
