import { expect, test } from "vitest";
import { readCursor, writeCursor } from "../../../src/mall/members/cursor.ts";

const id = "0190a000-0000-7000-8000-000000000001";

test("a cursor that no page wrote is refused, also one of a time that the database has not", () => {
  const cursor = { at: new Date("2026-03-05T06:05:09Z"), id };
  expect(readCursor(writeCursor(cursor))).toEqual(cursor);
  for (const at of [
    Number.MAX_SAFE_INTEGER,
    -Number.MAX_SAFE_INTEGER,
    8_640_000_000_000_001,
    -1,
    1.5,
    "now",
  ]) {
    const forged = Buffer.from(JSON.stringify([at, id])).toString("base64url");
    expect(() => readCursor(forged)).toThrow(expect.objectContaining({ kind: "invalid" }));
  }
});
