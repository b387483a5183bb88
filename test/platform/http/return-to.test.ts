import * as fc from "fast-check";
import { expect, test } from "vitest";
import { safeReturnTo } from "../../../src/platform/http/return-to.ts";

const ours = "https://mall.example";

test.each([
  ["/", "/"],
  ["/members?tier=gold&page=2", "/members?tier=gold&page=2"],
  ["/会员", "/%E4%BC%9A%E5%91%98"],
  ["/a/../b", "/b"],
  [undefined, "/"],
  ["", "/"],
  ["members", "/"],
  ["//evil.example", "/"],
  ["///evil.example", "/"],
  ["/\\evil.example", "/"],
  ["/\t/evil.example", "/"],
  ["/\n/evil.example", "/"],
  ["/.//evil.example", "/"],
  ["/a/..//evil.example", "/"],
  ["https://evil.example/", "/"],
  ["javascript:alert(1)", "/"],
  ["/a#//evil.example", "/a"],
])("%j leads to %s", (given, expected) => {
  expect(safeReturnTo(given)).toBe(expected);
});

test("whatever is given, a browser stays with us (ASVS 3.7.2)", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "/",
      "\\",
      "//",
      ".",
      "..",
      "\t",
      "\n",
      "\r",
      "@",
      ":",
      "?",
      "#",
      "%2f",
      "%5c",
      "https:",
      "evil.example",
    ),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const safe = safeReturnTo(pieces.join(""));
      expect(safe.startsWith("/")).toBe(true);
      expect(new URL(safe, ours).origin).toBe(ours);
      // it is an address for a header, and stays what it is when judged again
      expect(safe).not.toMatch(/[\r\n]/);
      expect(safeReturnTo(safe)).toBe(safe);
    }),
    { numRuns: 3000 },
  );
});
