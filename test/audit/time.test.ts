import * as fc from "fast-check";
import { expect, test } from "vitest";
import { instantOf, localText } from "../../src/audit/time.ts";

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
