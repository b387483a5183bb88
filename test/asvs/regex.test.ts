import { describe, expect, test } from "vitest";
import { endsInTime, written } from "./regex.ts";

describe("V1 regular expressions", () => {
  test("1.3.12 the trial knows an expression that searches for ever", () => {
    for (const bad of [/^(a+)+$/, /^#(?:\w|\d)+$/, /^(?:[a-z]+-?)+$/, /(x+x+)+y/, /^id:(\d|\d\d)*;$/])
      expect(`${bad} ${endsInTime(bad)}`).toBe(`${bad} false`);
    for (const good of [/^[a-z]+$/, /^(?:[a-z]+-)*[a-z]+$/, /^\d{4}-\d{2}$/])
      expect(`${good} ${endsInTime(good)}`).toBe(`${good} true`);
  });

  test("1.3.12 none of ours does, whatever it is given", () => {
    expect(written.length).toBeGreaterThan(120);
    const slow = written.filter(({ regex }) => !endsInTime(regex));
    expect(slow.map(({ path, text }) => `${path}: ${text}`)).toEqual([]);
  }, 120_000);
});
