import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  lastFour,
  normaliseMail,
  normaliseName,
  normalisePhone,
  readsAsPersonal,
} from "../../../src/platform/vault/normalise.ts";

test.each([
  ["13800138000", "+8613800138000"],
  ["138 0013 8000", "+8613800138000"],
  ["138-0013-8000", "+8613800138000"],
  ["１３８００１３８０００", "+8613800138000"],
  ["8613800138000", "+8613800138000"],
  ["+86 138 0013 8000", "+8613800138000"],
  ["0086 13800138000", "+8613800138000"],
  ["010-6234 5678", "+861062345678"],
  ["+1 (415) 555-2671", "+14155552671"],
  ["12345", null],
  ["23800138000", null],
  ["+0123456789", null],
  ["phone", null],
  ["", null],
])("the phone number %j is %j", (text, phone) => {
  expect(normalisePhone(text)).toBe(phone);
});

test.each([
  ["13800138000", true],
  ["138-0013-8000", true],
  ["010-62345678", true],
  ["11010519491231002X", true],
  ["110105 19491231 002x", true],
  ["130503670401001", true],
  ["li@example.com", true],
  ["T-2041", false],
  ["INC-2026-0031", false],
  ["2026112200001234", false],
  ["999999999999999999", false],
  ["M000123", false],
])("%j reads as personal: %j", (text, personal) => {
  expect(readsAsPersonal(text)).toBe(personal);
});

test.each([
  ["Li@Example.COM", "li@example.com"],
  [" ｌｉ@example.com ", "li@example.com"],
  ["li@example", null],
  ["li example.com", null],
  ["a@b@c.com", null],
  [`${"x".repeat(250)}@example.com`, null],
])("the mail address %j is %j", (text, mail) => {
  expect(normaliseMail(text)).toBe(mail);
});

test.each([
  [" 张  伟 ", "张 伟"],
  ["Zhang  WEI", "zhang wei"],
  ["阿卜杜拉 • 买买提", "阿卜杜拉·买买提"],
  ["  ", null],
])("the name %j is %j", (text, name) => {
  expect(normaliseName(text)).toBe(name);
});

test("the last four come from a number in any spelling, or from four digits", () => {
  expect(["138 0013 8000", "+8613800138000", "8000", "８０００"].map(lastFour)).toEqual([
    "8000",
    "8000",
    "8000",
    "8000",
  ]);
  expect(["800", "80000", "abcd"].map(lastFour)).toEqual([null, null, null]);
});

test.each([
  ["phone", normalisePhone],
  ["mail", normaliseMail],
  ["name", normaliseName],
])("a normal %s is its own normal form, so that a value is found by what was stored", (_, normalise) => {
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.stringMatching(/^\+?[\d -]{6,16}$/),
    fc.emailAddress(),
    fc.stringMatching(/^[\w.·•İß張\s]{1,12}$/u),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const once = normalise(text);
      if (once !== null) expect(normalise(once)).toBe(once);
    }),
    { numRuns: 2000 },
  );
});
