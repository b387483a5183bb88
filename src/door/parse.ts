import type { z } from "zod";
import { type Issue, Refusal } from "./refusal.ts";

/** Parses the input of a command or query. Unknown keys are refused when the schema is strict, as all of ours are. */
export function parseInput<I>(schema: z.ZodType<I>, input: unknown): I {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new Refusal("invalid", "invalid", { issues: parsed.error.issues.map(issueOf) });
}

/** A zod issue in our words: a code with a message in both languages, never the typed value itself. */
function issueOf(issue: z.core.$ZodIssue): Issue {
  const path = issue.path.map(String).join(".");
  switch (issue.code) {
    case "too_small":
      return issue.minimum === 1 && issue.origin === "string"
        ? { path, code: "required" }
        : { path, code: `too_small.${sizeKind(issue.origin)}`, values: { minimum: Number(issue.minimum) } };
    case "too_big":
      return { path, code: `too_big.${sizeKind(issue.origin)}`, values: { maximum: Number(issue.maximum) } };
    case "invalid_type":
      return { path, code: issue.input === undefined ? "required" : "type" };
    case "unrecognized_keys":
      return {
        path: [...issue.path.map(String), issue.keys[0] ?? ""].filter(Boolean).join("."),
        code: "unknown",
      };
    case "custom": {
      const code: unknown = issue.params?.["code"];
      return { path, code: typeof code === "string" ? code : "format" };
    }
    default:
      return { path, code: issue.code === "invalid_value" ? "choice" : "format" };
  }
}

function sizeKind(origin: string): "text" | "list" | "number" {
  if (origin === "string") return "text";
  return origin === "array" || origin === "set" ? "list" : "number";
}
