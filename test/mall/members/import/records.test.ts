import * as fc from "fast-check";
import { stringify } from "csv-stringify/sync";
import { describe, expect, it } from "vitest";
import { advance } from "../../../../src/mall/members/import/position.ts";
import { type CsvRecord, readRecords } from "../../../../src/mall/members/import/records.ts";
import { scanFile } from "../../../../src/mall/members/import/scan.ts";

/** Reads a whole file in steps, as the import does: a few rows at a time, from pieces of a few bytes. */
function readInSteps(bytes: Buffer, pieceSize: number, limit: number): CsvRecord[] {
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceSize) }, (_, i) =>
    bytes.subarray(i * pieceSize, (i + 1) * pieceSize),
  );
  const records: CsvRecord[] = [];
  let at = { chunk: 0, byte: 0 };
  let line = 1;
  while (at.chunk < pieces.length) {
    for (let to = at.chunk + 1; ; to += 1) {
      const slice = Buffer.concat(pieces.slice(at.chunk, to)).subarray(at.byte);
      const read = readRecords(slice, { line, encoding: "utf-8", limit, atEnd: to >= pieces.length });
      expect(read.problem).toBeNull();
      if (read.records.length === 0 && to < pieces.length) continue;
      records.push(...read.records);
      at = advance(
        at,
        pieces.slice(at.chunk).map((piece) => piece.length),
        read.used,
      );
      line = read.line;
      if (read.records.length === 0) return records;
      break;
    }
  }
  return records;
}

describe("reading CSV in pieces", () => {
  const field = fc.oneof(
    fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", "\r\n", "张", "é", " ", "😀", "\r") }),
    fc.constantFrom("plain", "张三"),
  );
  const rows = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 12 });

  it("gives the same rows wherever the pieces are cut", () => {
    fc.assert(
      fc.property(
        rows,
        fc.constantFrom("\n", "\r\n"),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 5 }),
        (table, end, piece, limit) => {
          const text = stringify(table, { record_delimiter: end, quoted: true });
          expect(readInSteps(Buffer.from(text), piece, limit).map((record) => record.fields)).toEqual(table);
        },
      ),
    );
  });

  it("counts lines as an editor does, also over line ends inside quotes and blank lines", () => {
    const text = 'a,b\n"x\ny\nz",2\n\n\nlast,one\n';
    const { records } = readRecords(Buffer.from(text), {
      line: 1,
      encoding: "utf-8",
      limit: 10,
      atEnd: true,
    });
    expect(records.map((record) => record.line)).toEqual([1, 2, 7]);
  });

  it("never throws on any bytes: it reads rows or names a problem", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, atEnd) => {
        const from = { line: 1, encoding: "gb18030", limit: 500, atEnd } as const;
        expect(readRecords(Buffer.from(bytes), from).used).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});

describe("finding a file's encoding", () => {
  const scan = (bytes: Uint8Array, size: number) => {
    const found = scanFile();
    for (let at = 0; at < bytes.length; at += size) {
      const problem = found.push(bytes.subarray(at, at + size));
      if (problem !== null) return { problem };
    }
    return found.end();
  };

  it("takes every UTF-8 text for UTF-8, however its characters are cut", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", minLength: 1 }),
        fc.integer({ min: 1, max: 5 }),
        (text, size) => {
          fc.pre(!text.includes("\0"));
          expect(scan(Buffer.from(text), size)).toEqual({ encoding: "utf-8" });
        },
      ),
    );
  });

  it("refuses a character that is cut off at the end", () => {
    expect(scan(Buffer.from([0x61, 0xe5]), 1)).toEqual({ problem: "encoding" });
  });

  it("does not take a file for GB18030 that says it is UTF-8 and is not", () => {
    const marked = Buffer.concat([Buffer.from("\uFEFF张"), Buffer.from([0xd5, 0xc5])]);
    for (const size of [1, 2, 3, 50]) expect(scan(marked, size)).toEqual({ problem: "encoding" });
  });
});
