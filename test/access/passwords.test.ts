import { assert, property, stringMatching } from "fast-check";
import { describe, expect, test } from "vitest";
import { readCommonPasswords, readContextWords } from "../../src/access/password/common.ts";
import { hashingWith } from "../../src/access/password/hashing.ts";
import { problemOf } from "../../src/access/password/rules.ts";

const common = readCommonPasswords();
const words = readContextWords();
const names = ["li.na", "李娜", "Grace Hill"];
const problem = (password: string) =>
  problemOf(password, { minimum: 15, names, common, words })?.code ?? null;
const cheap = { memoryMib: 19, passes: 2, atATime: 2 };
const hashing = hashingWith(Buffer.alloc(32, 7));

describe("a new password", () => {
  test("the list holds at least three thousand common ones", () => {
    expect(common.size).toBeGreaterThan(3000);
    for (const known of ["123456", "password", "qwerty", "iloveyou", "woaini1314"])
      expect(common).toContain(known);
  });

  test.each([
    ["fourteen characters", "kq8 zv2 mw1 xr", "password_short"],
    ["fourteen characters of four bytes each", "🦊".repeat(14), "password_short"],
    ["257 characters", "ab7!".repeat(65).slice(0, 257), "password_long"],
    ["one of the list", "1qaz2wsx3edc4rfv", "password_common"],
    ["one of the list, in capitals", "1QAZ2WSX3EDC4RFV", "password_common"],
    ["a common one, repeated", "passwordpassword", "password_common"],
    ["a common one, repeated three times", "dragondragondragon", "password_common"],
    ["two common ones", "password12345678", "password_common"],
    ["a common one and a row of the same", "sunshine1111111", "password_common"],
    ["one character over and over", "aaaaaaaaaaaaaaaa", "password_common"],
    ["a short piece over and over", "abcabcabcabcabcabc", "password_common"],
    ["a row of digits", "012345678901234567", "password_common"],
    ["a row of letters", "abcdefghijklmnopq", "password_common"],
    ["full-width letters of a common one", "ｐａｓｓｗｏｒｄｐａｓｓｗｏｒｄ", "password_common"],
    ["mostly the house", "gatehouse-gatehouse-1", "password_names"],
    ["mostly the person", "GraceHillGraceHill!", "password_names"],
    ["mostly the login", "li.na@gatehouse.cn", "password_names"],
  ])("%s is refused", (_why, password, code) => {
    expect(problem(password)).toBe(code);
  });

  test.each([
    "copper lantern under the ferry",
    "correct-teapot-battery-window",
    "三月的雨落在旧城墙上没有声音啊",
    "               !",
    "Grace walked up eleven stairs",
    "x".repeat(3) + "qv9wz27kdm4t",
  ])("%j is fine", (password) => {
    expect(problem(password)).toBeNull();
  });

  test("any composition is fine: no rule asks for digits or signs (ASVS 6.2.5)", () => {
    const letters = stringMatching(/^[g-z]{24}$/).filter((text) => new Set(text).size > 8);
    assert(property(letters, (text) => problem(text) === null || problem(text) === "password_common"));
  });
});

describe("a stored password", () => {
  test("is verified exactly as typed: nothing trimmed, folded or cut", async () => {
    const stored = await hashing.hash("Copper lantern under the ferry", cheap);
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    const tries = [
      ["Copper lantern under the ferry", true],
      ["copper lantern under the ferry", false],
      ["Copper lantern under the ferry ", false],
      [" Copper lantern under the ferry", false],
      ["Copper lantern under the ferr", false],
      ["", false],
    ] as const;
    for (const [typed, right] of tries) expect(await hashing.verify(stored, typed, cheap)).toBe(right);
  });

  test("longer than 72 bytes counts to its last one", async () => {
    const long = `${"绿茶与山泉".repeat(20)}!`;
    const stored = await hashing.hash(long, cheap);
    expect(await hashing.verify(stored, long, cheap)).toBe(true);
    expect(await hashing.verify(stored, `${long.slice(0, -1)}?`, cheap)).toBe(false);
  });

  test("is the same for the same text composed in another way", async () => {
    const stored = await hashing.hash("café au lait, trois fois", cheap);
    expect(await hashing.verify(stored, "cafe\u0301 au lait, trois fois", cheap)).toBe(true);
  });

  test("is worth nothing without the pepper", async () => {
    const stored = await hashing.hash("copper lantern under the ferry", cheap);
    expect(
      await hashingWith(Buffer.alloc(32, 8)).verify(stored, "copper lantern under the ferry", cheap),
    ).toBe(false);
  });

  test("that is missing is a no, after the same work", async () => {
    expect(await hashing.verify(null, "nobody has this password", cheap)).toBe(false);
  });

  test("is old when the figures are others", async () => {
    const stored = await hashing.hash("copper lantern under the ferry", cheap);
    expect(hashing.isOld(stored, cheap)).toBe(false);
    expect(hashing.isOld(stored, { memoryMib: 20, passes: 2, atATime: 2 })).toBe(true);
    expect(hashing.isOld(stored, { memoryMib: 19, passes: 3, atATime: 2 })).toBe(true);
  });

  test("is hashed two at a time, and a flood is told to come back", async () => {
    const flood = Array.from({ length: 60 }, async () => await hashing.verify(null, "x", cheap));
    const ends = await Promise.allSettled(flood);
    const refused = ends.filter((end) => end.status === "rejected");
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of refused) expect(reason).toMatchObject({ kind: "unavailable", code: "busy" });
  });
});
