import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalBody, canonicalJson, type CanonicalValue } from "../../../src/platform/audit/canonical.ts";

const { json } = fc.letrec<{ json: CanonicalValue }>((tie) => ({
  json: fc.oneof(
    { depthSize: "small" },
    fc.string({ unit: "grapheme" }),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("json")),
    fc.dictionary(fc.string({ unit: "grapheme" }), tie("json")),
  ),
}));

// Reflection, as the compiler would not let these through; a database driver's `any` would.
const refuse = (value: unknown) => expect(() => Reflect.apply(canonicalJson, undefined, [value])).toThrow();

describe("canonical JSON", () => {
  it("orders keys by their UTF-16 units, as the example of RFC 8785 does", () => {
    const example = { "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\u{1f600}": 5, "\u0080": 6, "\u00f6": 7 };
    expect(canonicalJson(example)).toBe(
      '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\u{1f600}":5,"\ufb33":3}',
    );
  });

  it("writes strings as RFC 8785 does", () => {
    expect(canonicalJson('\u20ac$\u000f\nA\'B"\\\\"/')).toBe('"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"');
  });

  it("reads back as the same value, on one line, spelled the same again", () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalJson(value);
        const read: CanonicalValue = JSON.parse(text);
        expect(read).toEqual(JSON.parse(JSON.stringify(value)));
        expect(text).not.toContain("\n");
        expect(canonicalJson(read)).toBe(text);
      }),
    );
  });

  it("spells a value the same whatever order its keys were set in", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), (value) => {
        expect(canonicalJson(Object.fromEntries(Object.entries(value).toReversed()))).toBe(
          canonicalJson(value),
        );
      }),
    );
  });

  it("refuses what has no single spelling", () => {
    for (const value of [
      1.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      2 ** 53,
      undefined,
      1n,
      Symbol("s"),
      () => 1,
    ])
      refuse(value);
    refuse({ a: undefined });
    refuse([undefined]);
    refuse(Array.from({ length: 3 }));
    refuse(new Date(0));
    refuse(new Map());
    refuse({ when: { toJSON: () => 1 } });
  });

  it("refuses lone surrogates, in values and in keys", () => {
    refuse("\ud800");
    refuse({ "\udfff": 1 });
  });

  it("refuses a value that contains itself", () => {
    const loop: Record<string, unknown> = {};
    loop["self"] = loop;
    refuse(loop);
  });

  it("refuses a body that does not fit an entry bundle", () => {
    expect(canonicalBody("x".repeat(65_533)).length).toBe(65_535);
    expect(() => canonicalBody("x".repeat(65_534))).toThrow(/too long/);
  });
});
