import * as fc from "fast-check";
import { expect, test } from "vitest";
import { instantOf, isInstant, localText } from "../../src/audit/time.ts";

test("a local time is read in the zone of the mall, a time with its offset as it says", () => {
  expect(instantOf("2026-03-01T10:00", "Asia/Shanghai").toISOString()).toBe("2026-03-01T02:00:00.000Z");
  expect(instantOf("2026-03-01", "Asia/Shanghai").toISOString()).toBe("2026-02-28T16:00:00.000Z");
  expect(instantOf("2026-03-01T10:00+01:00", "Asia/Shanghai").toISOString()).toBe("2026-03-01T09:00:00.000Z");
  expect(instantOf("2026-07-01T10:00", "Europe/Berlin").toISOString()).toBe("2026-07-01T08:00:00.000Z");
});

test("what a field shows is read as the same minute again", () => {
  // From 2000 on: before 1992 Shanghai had summer time, whose repeated hour no local time can tell apart.
  const start = Date.UTC(2000, 0, 1);
  const minutes = fc.integer({ min: 0, max: 60 * 24 * 365 * 40 });
  fc.assert(
    fc.property(minutes, (minute) => {
      const at = new Date(start + minute * 60_000);
      expect(instantOf(localText(at, "Asia/Shanghai"), "Asia/Shanghai")).toEqual(at);
    }),
  );
});

test("what is no instant is not taken for one", () => {
  for (const text of ["2026-02-28", "2026-02-28T10:00", "2026-02-28T10:00:59.5Z", "2026-02-28T10:00+14:00"])
    expect([text, isInstant(text)]).toEqual([text, true]);
  for (const text of [
    "2026-13-01",
    "2026-00-10",
    "2026-02-31",
    "2026-01-01T10:60",
    "2026-01-01T10:00:60",
    "2026-01-01T25:61",
    "2026-01-01T10:00+24:00",
    "2026-01-01T00:00:00-99:99",
  ])
    expect([text, isInstant(text)]).toEqual([text, false]);
});
