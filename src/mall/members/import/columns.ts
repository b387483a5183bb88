import type { FileProblem } from "./scan.ts";

/** The columns of a file of members, as the outer contract names them. Any order, each once, all of them. */
export const importColumns = [
  "member_no",
  "name",
  "phone",
  "email",
  "sex",
  "birth_date",
  "registered_at",
  "consents",
] as const;
export type ImportColumn = (typeof importColumns)[number];

/** Reads the header row: the columns in the file's order. Unknown columns are refused, because nothing is dropped. */
export function readHeader(
  fields: readonly string[],
): { columns: ImportColumn[] } | { problem: FileProblem } {
  const names = fields.map((field) => field.trim().toLowerCase());
  const columns = importColumns.filter((column) => names.includes(column));
  if (columns.length < importColumns.length) return { problem: "columns_missing" };
  if (new Set(names).size < names.length) return { problem: "columns_twice" };
  if (names.length > importColumns.length) return { problem: "columns_unknown" };
  return { columns: columns.toSorted((a, b) => names.indexOf(a) - names.indexOf(b)) };
}
