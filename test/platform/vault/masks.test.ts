import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ValueType } from "../../../src/platform/vault/address.ts";
import { maskOf } from "../../../src/platform/vault/masks.ts";

test.each<[ValueType, string, string]>([
  ["phone", "+8613800138000", "138****8000"],
  ["phone", "+14155552671", "+14****71"],
  ["phone", "+8601062345678", "+86****78"],
  ["phone", "12345", "***"],
  ["name", "张伟", "张*"],
  ["name", "张三丰", "张*"],
  ["name", "欧阳娜娜", "欧*"],
  ["name", "阿卜杜拉·买买提", "阿*"],
  ["name", "张", "*"],
  ["name", "Zhang Wei", "Z***"],
  ["name", "É", "***"],
  ["name", "", "***"],
  ["mail", "zhang@example.com", "z***@example.com"],
  ["mail", "z@example.com", "***@example.com"],
  ["mail", "张伟@例子.中国", "张***@例子.中国"],
  ["mail", "no address", "***"],
  ["birth-date", "1990-05-12", "19**"],
  ["birth-date", "12 May 1990", "***"],
  ["sex", "female", "***"],
  ["address", "浙江省杭州市西湖区1号", "浙江省***"],
  ["address", "北京市朝阳区1号", "北京市***"],
  ["address", "新疆维吾尔自治区乌鲁木齐市", "新疆维吾尔自治区***"],
  ["address", "1 Main Street", "***"],
  ["text", "anything", "***"],
])("a %s %s is shown as %s", (type, value, mask) => {
  expect(maskOf(type, value)).toBe(mask);
});

describe("a mask depends on nothing that it hides:", () => {
  const digits = (length: number) => fc.stringMatching(new RegExp(`^\\d{${length}}$`));
  const word = fc.stringMatching(/^[a-z]{1,12}$/);
  const han = fc.stringMatching(/^[一-龥]{1,6}$/);
  const same = (type: ValueType, a: string, b: string) => maskOf(type, a) === maskOf(type, b);

  test("the middle of a phone number", () => {
    fc.assert(
      fc.property(digits(4), digits(4), digits(4), (a, b, tail) =>
        same("phone", `+86138${a}${tail}`, `+86138${b}${tail}`),
      ),
    );
  });

  test("the given name, its length included", () => {
    fc.assert(fc.property(han, han, (a, b) => same("name", `张${a}`, `张${b}`)));
    fc.assert(fc.property(word, word, (a, b) => same("name", `Z${a}`, `Z${b}`)));
  });

  test("the local part of a mail address after its first letter, its length included", () => {
    fc.assert(fc.property(word, word, (a, b) => same("mail", `z${a}@example.com`, `z${b}@example.com`)));
  });

  test("day, month and the year's last digits", () => {
    fc.assert(
      fc.property(digits(2), digits(2), (a, b) => same("birth-date", `19${a}-01-02`, `19${b}-11-30`)),
    );
  });

  test("everything after the province", () => {
    fc.assert(fc.property(fc.string(), fc.string(), (a, b) => same("address", `浙江省${a}`, `浙江省${b}`)));
  });
});

test("no mask of any text shows more than four characters in a row of it, but for a mail's domain and a province", () => {
  const types: ValueType[] = ["phone", "name", "birth-date", "sex", "text"];
  fc.assert(
    fc.property(fc.constantFrom(...types), fc.string({ unit: "binary", minLength: 5 }), (type, value) => {
      const shown = maskOf(type, value).split(/\*+/);
      expect(
        Math.max(...shown.map((part) => [...new Intl.Segmenter().segment(part)].length)),
      ).toBeLessThanOrEqual(4);
      expect(maskOf(type, value)).not.toContain(value);
    }),
  );
});
