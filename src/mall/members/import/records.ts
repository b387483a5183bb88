import { CsvError, parse } from "csv-parse/sync";
import type { Encoding, FileProblem } from "./scan.ts";

/** A row with the line on which it begins, counted from 1. */
export interface CsvRecord {
  line: number;
  /** Null when a field is not valid in the file's encoding. */
  fields: string[] | null;
}

export interface Slice {
  records: CsvRecord[];
  /** Bytes up to the end of the last record given. */
  used: number;
  /** Line on which the next record begins. */
  line: number;
  /** What keeps the rest from being read, and on which line. */
  problem: { code: FileProblem; line: number } | null;
}

/** Longest row. Without a limit one quote that is never closed would swallow the file. */
export const RECORD_BYTES = 64 * 1024;

/**
 * Reads up to `limit` rows (RFC 4180) from a piece of a file. A row that the end of the piece may have cut is left for
 * the next one. Bytes are parsed as such and decoded field by field, so that positions are bytes of the file: in UTF-8
 * and in GB18030 no part of a character looks like a comma, a quote or a line end. Blank lines are no rows.
 */
export function readRecords(
  bytes: Buffer,
  from: { line: number; encoding: Encoding; limit: number; atEnd: boolean },
): Slice {
  const decode = decoder(from.encoding);
  const slice: Slice = { records: [], used: 0, line: from.line, problem: null };
  try {
    parse(bytes, {
      encoding: "latin1",
      relax_column_count: true,
      record_delimiter: ["\r\n", "\n", "\r"],
      max_record_size: RECORD_BYTES,
      to: from.limit,
      on_record: (record: string[], info) => {
        if (!from.atEnd && info.bytes >= bytes.length) return null;
        const blank = record.length === 1 && record[0] === "";
        if (!blank) slice.records.push({ line: slice.line, fields: decode(record) });
        slice.used = info.bytes;
        slice.line = from.line + info.lines;
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const cut =
      error.code === "CSV_QUOTE_NOT_CLOSED" && !from.atEnd && bytes.length - slice.used <= RECORD_BYTES;
    const code = error.code === "CSV_MAX_RECORD_SIZE" ? "record_too_long" : "quotes";
    if (!cut) slice.problem = { code, line: slice.line };
  }
  return slice;
}

function decoder(encoding: Encoding): (record: readonly string[]) => string[] | null {
  const text = new TextDecoder(encoding, { fatal: true });
  const beyondAscii = /[\x80-\xff]/; // bytes, as latin1
  return (record) => {
    try {
      return record.map((field) =>
        beyondAscii.test(field) ? text.decode(Buffer.from(field, "latin1")) : field,
      );
    } catch {
      return null;
    }
  };
}
