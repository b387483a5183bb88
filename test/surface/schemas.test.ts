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
  maxLength?: number | null;
  format?: string | null;
}

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
});
