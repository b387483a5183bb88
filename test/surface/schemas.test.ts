import { assert, integer, property } from "fast-check";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { modules } from "../../src/app.ts";

/** The parts of a schema's definition that can hold others; zod describes them so to whoever walks them. */
interface Definition {
  type: string;
  shape?: Record<string, Schema>;
  catchall?: Schema;
  element?: Schema;
  options?: readonly Schema[];
  innerType?: Schema;
  in?: Schema;
  valueType?: Schema;
  checks?: readonly { _zod: { def: { check: string; maximum?: number } } }[];
  values?: readonly unknown[];
}
interface Schema {
  _zod: { def: Definition };
  safeParse(value: unknown): { success: boolean };
  minValue?: number | null;
  maxValue?: number | null;
  maxLength?: number | null;
  format?: string | null;
}

/** Positions in the log, which `bigint` columns count. */
const bigints = new Set([
  "audit.decide_fork.signed",
  "audit.event.idx",
  "audit.export.from",
  "audit.export.to",
  ...["object", "person", "search"].flatMap((name) => [
    `audit.${name}.page.after`,
    `audit.${name}.page.before`,
  ]),
  "audit.proof.idx",
]);

const all = modules.flatMap((module) => [...module.commands, ...module.queries]);
// zod's own type says less than its documented structure
const schemas = all.map(({ name, input }) => [name, input as z.ZodType & Schema] as const);

/** Every schema within a schema, with the path that leads to it. */
function* within(schema: Schema, path = ""): Generator<[string, Schema]> {
  yield [path, schema];
  const { shape, element, options, innerType, in: input, valueType } = schema._zod.def;
  for (const [key, value] of Object.entries(shape ?? {})) yield* within(value, `${path}.${key}`);
  for (const inner of [element, innerType, input, valueType]) if (inner) yield* within(inner, path);
  for (const option of options ?? []) yield* within(option, path);
}

describe("what commands and queries take", () => {
  test.each(schemas)(
    "%s takes an object of known fields, at every depth (ASVS 2.2.1, 15.3.3)",
    (_, input) => {
      const kinds = new Set(["object", "union", "discriminated_union"]);
      expect(kinds).toContain(input._zod.def.type);
      for (const [path, schema] of within(input)) {
        if (schema._zod.def.type !== "object") continue;
        expect(`${path} ${schema._zod.def.catchall?._zod.def.type ?? "open"}`).toBe(`${path} never`);
      }
    },
  );

  test.each(schemas)("%s takes no text and no list without an end (ASVS 1.3.3, 15.2.2)", (_, input) => {
    for (const [path, { _zod, maxLength, format }] of within(input)) {
      const limits = (_zod.def.checks ?? []).map((check) => check._zod.def);
      if (_zod.def.type === "string") {
        // a format of fixed width ends by itself: an id, a date
        const ends = (maxLength ?? Infinity) < Infinity || typeof format === "string";
        expect(`${path} ends: ${ends}`).toBe(`${path} ends: true`);
      }
      if (_zod.def.type === "array")
        expect(`${path}: ${limits.map(({ check }) => check).join()}`).toMatch(/max_length|length_equals/);
    }
  });

  test.each(schemas)("%s takes no number beyond what its column counts (ASVS 1.4.2)", (name, input) => {
    for (const [path, schema] of within(input)) {
      if (schema._zod.def.type !== "number") continue;
      const place = `${name}${path}`;
      const [least, most] = [schema.minValue ?? -Infinity, schema.maxValue ?? Infinity];
      expect(`${place} from ${least}`).toMatch(/ from \d+$/);
      const end = bigints.has(place) ? Number.MAX_SAFE_INTEGER : 2_147_483_647;
      expect(`${place} to ${most}: ${most <= end}`).toBe(`${place} to ${most}: true`);
      // whole numbers within the bounds and nothing beside them
      assert(property(integer({ min: least, max: most }), (value) => schema.safeParse(value).success));
      for (const wrong of [least - 1, most + 1, least + 0.5, NaN, Infinity, -Infinity])
        expect(`${place} ${wrong}: ${schema.safeParse(wrong).success}`).toBe(`${place} ${wrong}: false`);
    }
  });

  test("positions in the log are the only numbers beyond 32 bits (ASVS 1.4.2)", () => {
    const known = schemas.flatMap(([name, input]) =>
      [...within(input)].flatMap(([path, { _zod, maxValue }]) =>
        _zod.def.type === "number" && (maxValue ?? 0) > 2_147_483_647 ? [`${name}${path}`] : [],
      ),
    );
    expect(new Set(known)).toEqual(bigints);
  });
});
