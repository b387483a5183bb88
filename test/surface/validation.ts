import { z } from "zod";
import type { AnyCommand, AnyQuery } from "../../src/door/command.ts";
import type { Param } from "../../src/door/param.ts";
import { rulesOf } from "../../src/platform/together.ts";

/** What JSON Schema says of a part of an input, as far as ours use it. */
interface Part {
  type?: string;
  description?: string;
  properties?: Record<string, Part>;
  required?: readonly string[];
  anyOf?: readonly Part[];
  oneOf?: readonly Part[];
  enum?: readonly (string | number)[];
  const?: string | number | boolean;
  default?: unknown;
  items?: Part;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  pattern?: string;
  format?: string;
}

/** One line of the page: a field and what it takes. */
interface Line {
  field: string;
  takes: string;
  needed: boolean;
}

type Offer = AnyCommand | AnyQuery;

/** The tables of one module: every command and query, field by field, and what has to hold between fields. */
export function renderOffers(offers: readonly Offer[]): string[] {
  return offers.flatMap((offer) => {
    const schema = offer.input as z.ZodType;
    const lines = linesOf(partOf(schema));
    const rows = lines.map(
      ({ field, takes, needed }) => `| \`${field}\` | ${needed ? "yes" : ""} | ${takes} |`,
    );
    const table =
      rows.length === 0 ? ["Takes nothing."] : ["| field | needed | takes |", "|---|---|---|", ...rows];
    const rules = rulesOf(schema).map((rule) => `* ${rule}`);
    return [
      `### ${offer.name}`,
      "",
      ...table,
      "",
      ...(rules.length === 0 ? [] : ["Together:", "", ...rules, ""]),
    ];
  });
}

/** A table of parameters: the value in force as shipped, and what no policy may pass. */
export function renderParams(
  params: readonly Param<unknown>[],
  valueOf: (of: Param<unknown>) => unknown,
): string[] {
  const rows = params.map((of) => {
    const value = JSON.stringify(valueOf(of)).replaceAll("|", "\\|");
    return `| \`${of.name}\` | \`${value}\` | ${takesOf(partOf(of.schema))} |`;
  });
  return ["| parameter | as shipped | what no policy may pass |", "|---|---|---|", ...rows];
}

export function partOf(schema: z.ZodType): Part {
  // JSON Schema is wider than what our schemas come to
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as unknown as Part;
}

function linesOf(part: Part, path = "", needed = true): Line[] {
  const ways = part.anyOf ?? part.oneOf;
  if (ways?.some(({ properties }) => properties) === true) {
    const lines = ways.flatMap((way) => linesOf(way, path, needed));
    const known = new Map(lines.map((line) => [`${line.field} ${line.takes}`, line]));
    return [...known.values()];
  }
  if (part.properties === undefined || part.type !== "object")
    return path === "" ? [] : [{ field: path, takes: takesOf(part), needed }];
  return Object.entries(part.properties).flatMap(([name, inner]) =>
    linesOf(inner, path === "" ? name : `${path}.${name}`, needed && part.required?.includes(name) === true),
  );
}

function takesOf(part: Part): string {
  const base = baseOf(part);
  const text = part.description === undefined ? base : `${part.description} (${base})`;
  return part.default === undefined ? text : `${text}; \`${JSON.stringify(part.default)}\` if left out`;
}

function baseOf(part: Part): string {
  if (part.const !== undefined) return `\`${String(part.const)}\``;
  if (part.enum !== undefined) return part.enum.map((value) => `\`${String(value)}\``).join(", ");
  const ways = part.anyOf ?? part.oneOf;
  if (ways !== undefined) return ways.map((way) => takesOf(way)).join(" or ");
  switch (part.type) {
    case "string":
      return textOf(part);
    case "integer":
    case "number":
      return `a whole number from ${part.minimum ?? (part.exclusiveMinimum ?? 0) + 1} to ${part.maximum}`;
    case "array":
      return `a list of at most ${part.maxItems}: ${takesOf(part.items ?? {})}`;
    case "boolean":
      return "yes or no";
    case "null":
      return "nothing";
    case "object":
      return "an object";
    default:
      return "what only the console itself can make";
  }
}

function textOf({ minLength, maxLength, pattern, format }: Part): string {
  if (format === "uuid") return "an id";
  const length =
    maxLength === undefined
      ? ""
      : minLength === undefined
        ? `up to ${maxLength} characters`
        : `${minLength} to ${maxLength} characters`;
  const shape = pattern === undefined ? (format ?? "") : `\`${pattern.replaceAll("|", "\\|")}\``;
  return `text${length === "" ? "" : `, ${length}`}${shape === "" ? "" : `, ${shape}`}`;
}
