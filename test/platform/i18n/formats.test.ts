import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatsFor } from "../../../src/platform/i18n/index.ts";

const zh = formatsFor("zh-CN", "Asia/Shanghai");
const en = formatsFor("en", "Asia/Shanghai");
const noon = new Date("2026-03-05T04:00:00Z");

describe("formats", () => {
  it("show times in the reader's zone, in one order for both languages", () => {
    expect(zh.dateTime(noon)).toBe("2026-03-05 12:00:00");
    expect(en.dateTime(noon)).toBe("2026-03-05 12:00:00");
    expect(formatsFor("en", "America/New_York").dateTime(noon)).toBe("2026-03-04 23:00:00");
    expect(en.date(noon)).toBe("2026-03-05");
    expect(en.time(noon)).toBe("12:00:00");
  });

  it("say how long ago, and how long until, in the largest unit", () => {
    const after = (seconds: number) => new Date(noon.getTime() + seconds * 1000);
    expect(en.relative(after(-300), noon)).toBe("5 minutes ago");
    expect(en.relative(after(-119), noon)).toBe("1 minute ago");
    expect(en.relative(after(7200), noon)).toBe("in 2 hours");
    expect(zh.relative(after(-300), noon)).toBe("5分钟前");
    expect(en.relative(noon, noon)).toBe("now");
  });

  it("say a length of time in its two largest units", () => {
    expect(en.duration(3_725)).toBe("1 hr 2 min");
    expect(en.duration(3600)).toBe("1 hr");
    expect(en.duration(0)).toBe("0 sec");
    expect(zh.duration(214)).toBe("3分钟 34秒");
  });

  it("show money from minor units, with the digits of its currency", () => {
    expect(zh.money({ amount: 1_284_550n, currency: "CNY" })).toBe("¥12,845.50");
    expect(en.money({ amount: 5n, currency: "CNY" })).toBe("¥0.05");
    expect(en.money({ amount: -1_050n, currency: "USD" })).toBe("-$10.50");
    expect(en.money({ amount: 1_050n, currency: "JPY" })).toBe("¥1,050");
  });

  it("never lose a digit of an amount, however large", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), (amount) => {
        const digits = en.money({ amount, currency: "CNY" }).replaceAll(/[^\d]/g, "");
        expect(BigInt(digits)).toBe(amount < 0n ? -amount : amount);
      }),
    );
  });

  it("show sizes in the unit that fits", () => {
    expect(en.bytes(0)).toBe("0 byte");
    expect(en.bytes(64_000)).toBe("64 kB");
    expect(en.bytes(1_500_000)).toBe("1.5 MB");
  });
});
