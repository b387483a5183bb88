import { stringify } from "csv-stringify/sync";

/** What a spreadsheet may take for the beginning of a formula, in both widths, and what some skip to find one. */
const FORMULA: ReadonlySet<string> = new Set("=+-@\t\r\n\0＝＋－＠");

/**
 * Rows of a file for a spreadsheet: quoted by RFC 4180, and a text that could be taken for a formula begins with an
 * apostrophe (ASVS 1.2.10). Numbers stay numbers: they are counted here, never typed by somebody.
 */
export function csvRows(rows: readonly (readonly (string | number)[])[]): string {
  return stringify(
    rows.map((row) => row.map(cell)),
    { record_delimiter: "windows" },
  );
}

function cell(value: string | number): string | number {
  return typeof value === "string" && FORMULA.has(value.charAt(0)) ? `'${value}` : value;
}
