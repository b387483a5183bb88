import { z } from "zod";

/**
 * Says what has to hold between the fields of an input, or between a field and what is stored, so that it stands on the
 * page of rules (docs/validation.md) beside what the schema says by itself. A test gives each rule an input that breaks it.
 */
export function together<S extends z.ZodType>(schema: S, ...rules: readonly string[]): S {
  return schema.meta({ together: rules });
}

/**
 * The rules that were said of this schema.
 * @internal a test writes the page of rules, and another breaks each of them
 */
export function rulesOf(schema: z.ZodType): readonly string[] {
  // put there by `together` alone
  return (schema.meta()?.["together"] ?? []) as readonly string[];
}
