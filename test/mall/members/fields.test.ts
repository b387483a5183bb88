import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fieldRules, readDay, readMemberNo } from "../../../src/mall/members/fields.ts";
import { readInstant } from "../../../src/mall/members/import/instant.ts";
import { ageOn } from "../../../src/mall/members/model.ts";
import {
  newPassphrase,
  openFile,
  passphrasePattern,
  sealFile,
} from "../../../src/mall/members/sealed-file.ts";

describe("spellings of a member's data", () => {
  it("reads what it wrote: every rule brings a value to one spelling and leaves it there", () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom("13912345678", "A@B.cn", "男", "2001/2/3", "李 雷", "O’Neil"),
    );
    fc.assert(
      fc.property(text, fc.constantFrom(...Object.values(fieldRules)), (typed, rule) => {
        const value = rule.read(typed);
        if (value !== null) expect(rule.read(value)).toBe(value);
      }),
    );
  });

  it.each(["=1+1", "+1", "-1", "@A1", "\t=x", "<b>x</b>", "a\0b", "x".repeat(101), ""])(
    "takes %j for no name",
    (text) => {
      expect(fieldRules.name.read(text)).toBeNull();
    },
  );

  it.each(["阿卜杜拉·买买提", "Jean-Luc O'Neil, Jr.", "Ngọc Ánh", "王（小）明", "María José"])(
    "takes %s for a name",
    (text) => {
      expect(fieldRules.name.read(text)).not.toBeNull();
    },
  );

  it("knows the calendar", () => {
    expect(["2024-02-29", "2023-02-29", "2023-13-01", "2023/1/5", "1 May 2023"].map(readDay)).toEqual([
      "2024-02-29",
      null,
      null,
      "2023-01-05",
      null,
    ]);
    expect(fieldRules.birth_date.read("1899-12-31")).toBeNull();
  });

  it("counts years by the mall's calendar, on the birthday and the day before", () => {
    const at = new Date("2026-04-04T16:30:00Z"); // already the 5th in Shanghai
    expect(ageOn("2012-04-05", at, "Asia/Shanghai")).toBe(14);
    expect(ageOn("2012-04-06", at, "Asia/Shanghai")).toBe(13);
  });

  it("reads times of files in the mall's zone, unless they say otherwise", () => {
    const iso = (text: string) => readInstant(text, "Asia/Shanghai")?.toISOString() ?? null;
    expect(iso("2026-03-05")).toBe("2026-03-04T16:00:00.000Z");
    expect(iso("2026/3/5 14:05")).toBe("2026-03-05T06:05:00.000Z");
    expect(iso("2026-03-05T14:05:09Z")).toBe("2026-03-05T14:05:09.000Z");
    expect(iso("2026-03-05 25:00")).toBeNull();
    expect(iso("yesterday")).toBeNull();
  });

  it("brings member numbers to upper case and refuses what is no number", () => {
    expect([" m-001 ", "m", "M 1 2", "会员1", "A".repeat(33)].map(readMemberNo)).toEqual([
      "M-001",
      null,
      null,
      null,
      null,
    ]);
    // they stand in a plain column and in the log
    expect(["13812345678", "138-1234-5678", "11010519491231002X"].map(readMemberNo)).toEqual([
      null,
      null,
      null,
    ]);
  });
});

describe("the encrypted file of an export", () => {
  it("opens with its passphrase only, and not when one character was changed", { timeout: 60_000 }, () => {
    const passphrase = newPassphrase();
    expect(passphrase).toMatch(passphrasePattern);
    const file = sealFile(Buffer.from("姓名"), passphrase);
    expect(openFile(file, passphrase)?.toString()).toBe("姓名");
    expect(openFile(file, newPassphrase())).toBeNull();
    for (const name of ["salt", "nonce", "data"]) {
      const changed = file.replace(
        new RegExp(`("${name}":")(.)`),
        (_, head: string, c: string) => head + (c === "A" ? "B" : "A"),
      );
      expect(changed).not.toBe(file);
      expect(openFile(changed, passphrase)).toBeNull();
    }
    expect(openFile("no file at all", passphrase)).toBeNull();
    expect(openFile('{"format":"gatehouse-export/2"}', passphrase)).toBeNull();
  });
});
