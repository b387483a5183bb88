import { z } from "zod";
import { Refusal } from "../door/refusal.ts";
import { instantOf, isInstant } from "./time.ts";

/**
 * A word of ours: an id, an action, a field, a code. Never a name, an address or a phone number, which have no place
 * in an address line: no @, no space, and no long row of digits alone.
 */
const Word = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$/)
  .refine((text) => !/^\d{7,}$/.test(text), { params: { code: "format" } });

/** `2026-03-01T10:00` in the mall's zone, or an instant with its offset. */
const Time = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/)
  .refine(isInstant, { params: { code: "format" } });

export const outcomes = ["success", "denied", "failure", "pending"] as const;

/** What the explorer can be asked for. Every key stands in the address, so that a search is a link. */
export const Filter = z
  .strictObject({
    from: Time,
    to: Time,
    actor: Word,
    action: Word,
    category: Word,
    type: Word,
    target: Word,
    field: Word,
    purpose: Word,
    outcome: z.enum(outcomes),
    severity: z.coerce.number().int().min(0).max(5),
    incident: Word,
    ip: z.union([z.ipv4(), z.ipv6()]),
    request: Word,
  })
  .partial();
export type Filter = z.output<typeof Filter>;

/** What has to hold of a filter beside its schema, for the page of rules: `keepOrder` and `resolved` ask for it. */
export const filterRules = [
  "filter.from is no later than filter.to",
  "filter.actor, filter.target and filter.action name somebody or something",
] as const;

export const filterKeys = Filter.keyof().options;

/** Refuses `invalid` where the end lies before the start: nothing would be found, and nobody would know why. */
export function keepOrder({ from, to }: Filter, zone: string): void {
  if (from === undefined || to === undefined || instantOf(from, zone) <= instantOf(to, zone)) return;
  throw new Refusal("invalid", "invalid", { issues: [{ path: "filter.to", code: "format" }] });
}

/** The part of an address's query that filters; empty fields of a form are no filter. */
export function filterOf(query: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    filterKeys.flatMap((key) => {
      const value = query[key]?.trim();
      return value === undefined || value === "" ? [] : [[key, value]];
    }),
  );
}

/** The address of a search. Keys in a fixed order, so that one search has one address. */
export function searchHref(filter: Filter, more: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams();
  for (const key of filterKeys) {
    const value = filter[key];
    if (value !== undefined) query.set(key, String(value));
  }
  for (const [key, value] of Object.entries(more)) query.set(key, value);
  const text = query.toString();
  return text === "" ? "/audit" : `/audit?${text}`;
}

/** For the log: what was looked for. Words of ours only, by their schema. */
export function filterFacts(filter: Filter): Record<string, string> {
  return Object.fromEntries(
    filterKeys.flatMap((key) => (filter[key] === undefined ? [] : [[`filter_${key}`, String(filter[key])]])),
  );
}
