import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalBody } from "../../../src/platform/audit/canonical.ts";
import { WriterLedger } from "../../../src/platform/audit/gatehouse-verify.ts";

const start = Date.UTC(2026, 10, 22);
const minutes = (count: number) => new Date(start + count * 60_000).toISOString();
const event = (seq: number, at = minutes(0), id = "w") => canonicalBody({ at, writer: { id, seq } });
const voiding = (seq: number, at: string, closes: { writer: string; seq: number }[]) =>
  canonicalBody({ at, writer: { id: "w", seq }, action: "audit.void", voids: closes });

const isJson = (bytes: Buffer): boolean => {
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
    return true;
  } catch {
    return false;
  }
};

function read(bodies: readonly Buffer[], from = 0) {
  const ledger = new WriterLedger();
  for (const [i, body] of bodies.entries()) ledger.visit(body, from + i);
  return ledger.report();
}

describe("the numbers of writers", () => {
  it("have no gap when all are there, in whatever order they were logged", () => {
    const numbers = fc.uniqueArray(fc.nat(60), { minLength: 1 });
    fc.assert(
      fc.property(numbers, fc.nat(1_000), (shuffled, base) => {
        const present = new Set(shuffled);
        const [min, max] = [Math.min(...shuffled), Math.max(...shuffled)];
        const { gaps, doubled } = read(shuffled.map((seq) => event(seq + base)));
        const missing = gaps.flatMap(({ from, to }) =>
          Array.from({ length: to - from + 1 }, (_, i) => from + i - base),
        );
        const expected = Array.from({ length: max - min + 1 }, (_, i) => min + i).filter(
          (seq) => !present.has(seq),
        );
        expect(missing).toEqual(expected);
        expect(doubled).toEqual([]);
      }),
    );
  });

  it("are counted for each writer apart", () => {
    expect(read([event(1), event(7, minutes(0), "v"), event(2), event(8, minutes(0), "v")])).toMatchObject({
      events: 4,
      writers: 2,
      gaps: [],
    });
  });

  it("may be closed as void, before or after their neighbours, by the writer or its successor", () => {
    const bodies = [
      event(1),
      event(3),
      voiding(4, minutes(1), [{ writer: "w", seq: 2 }]),
      event(9, minutes(1), "v"),
    ];
    const successor = voiding(5, minutes(2), [
      { writer: "w", seq: 6 },
      { writer: "v", seq: 10 },
    ]);
    expect(read([...bodies, successor, event(7, minutes(3)), event(11, minutes(3), "v")])).toMatchObject({
      gaps: [],
      doubled: [],
      voided: 3,
    });
  });

  it("that are missing for minutes on both sides are a gap that nobody closed", () => {
    const bodies = [event(1, minutes(0)), event(3, minutes(10)), event(4, minutes(20))];
    expect(read(bodies).gaps).toEqual([{ writer: "w", from: 2, to: 2, settled: true }]);
    expect(read(bodies, 500).gaps).toEqual([{ writer: "w", from: 2, to: 2, settled: true }]);
  });

  it("that are missing near an end of the range are only reported: they may stand just outside", () => {
    const late = [event(1, minutes(0)), event(3, minutes(10)), event(4, minutes(11))];
    expect(read(late).gaps).toMatchObject([{ settled: false }]);
    const early = [event(1, minutes(0)), event(3, minutes(1)), event(4, minutes(20))];
    expect(read(early, 500).gaps).toMatchObject([{ settled: false }]);
    // Nothing stands before the first entry of the log.
    expect(read(early, 0).gaps).toMatchObject([{ settled: true }]);
  });

  it("are never used twice", () => {
    expect(read([event(1), event(2), event(1)], 40).doubled).toEqual([{ writer: "w", seq: 1, index: 42 }]);
    expect(read([event(1), voiding(2, minutes(0), [{ writer: "w", seq: 1 }])]).doubled).toHaveLength(1);
  });

  it("may be absent, which is reported; a body that is not JSON is refused", () => {
    expect(
      read([canonicalBody({}), canonicalBody([]), canonicalBody({ writer: { id: "w", seq: "1" } })])
        .unnumbered,
    ).toBe(3);
    expect(() => read([Buffer.from("{")], 7)).toThrow("entry 7 is not canonical JSON");
  });

  it("are read from every body that canonical JSON can write, and from nothing that is not JSON", () => {
    const text = fc.string({ unit: "grapheme" });
    const body = fc.record({
      action: text,
      deep: fc.array(
        fc.oneof(text, fc.maxSafeInteger(), fc.constantFrom(true, false, null), fc.dictionary(text, text)),
      ),
      writer: fc.record({ id: text.filter((id) => id !== ""), seq: fc.maxSafeNat() }),
    });
    fc.assert(
      fc.property(body, (event) => {
        expect(read([canonicalBody(event)])).toMatchObject({ writers: 1, unnumbered: 0 });
      }),
    );
    fc.assert(
      fc.property(body, fc.nat(), fc.integer({ min: 1, max: 255 }), (event, place, change) => {
        const bytes = canonicalBody(event);
        const at = place % bytes.length;
        bytes.writeUInt8(bytes.readUInt8(at) ^ change, at);
        if (!isJson(bytes)) expect(() => read([bytes])).toThrow("not canonical JSON");
      }),
      { numRuns: 2_000 },
    );
    const wrong = [
      "",
      "nul",
      "[1,]",
      '{"a":1,}',
      '{"a" :1}',
      "01",
      "-",
      "1.5",
      '"\\x"',
      '"\\u00g0"',
      '{"a"}',
      "[1]]",
      '"a\n"',
    ];
    for (const text of wrong) expect(() => read([Buffer.from(text)]), text).toThrow("not canonical JSON");
  });

  it("do not make the verifier slow or large, however wild they are", () => {
    const wild = Array.from({ length: 2_000 }, (_, i) => event(i % 2 === 0 ? i * 1_000_000_000 : i));
    expect(read(wild).events).toBe(2_000);
  });
});
