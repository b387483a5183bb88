import type { z } from "zod";

/**
 * A number, period or list that a policy owns. `schema` holds the ceiling and floor that no policy may pass
 * (the code's own limit); the value in force comes from a policy document.
 */
export interface Param<T> {
  name: string;
  schema: z.ZodType<T>;
}

/** Declares a parameter. `name` is unique over all policy documents; a document without it refuses the policy set. */
export function param<T>(name: string, schema: z.ZodType<T>): Param<T> {
  return { name, schema };
}

/** Reads a parameter from the policy in force by database time. */
export type Params = <T>(of: Param<T>) => T;
