import { Refusal } from "../../door/refusal.ts";

/** The fields of a form, without those of the platform (`_csrf`, `_key`, `_stepup_…`, `_carry`). */
export interface Form {
  /** The value, or an empty string when the field was not sent. Refuses `invalid` when it was sent more than once (ASVS 15.3.7). */
  get(name: string): string;
  /** Every value of a field that may repeat. */
  all(name: string): string[];
  /** All of it, for a command's schema: a repeated field is a list. */
  values: Record<string, string | string[]>;
}

export type Fields = readonly (readonly [name: string, value: string])[];

/** Names of the platform's own fields. */
export const ownFields = {
  csrf: "_csrf",
  key: "_key",
  carry: "_carry",
  password: "_stepup_password",
  code: "_stepup_code",
  level: "_stepup_level",
  minutes: "_stepup_minutes",
  digest: "_stepup_digest",
  operation: "_stepup_operation",
  back: "_stepup_back",
} as const;

const own = new Set<string>(Object.values(ownFields));

/** A field of the platform's own. Refuses `invalid` when it was sent more than once. */
export function ownField(fields: Fields, name: keyof typeof ownFields): string {
  return single(fields, ownFields[name]);
}

/** What a form is sent again with: what was typed, under the same key. */
export function repeatableFields(fields: Fields): Fields {
  return fields.filter(([name]) => !own.has(name) || name === ownFields.key);
}

/** What the person typed or chose. */
export function typedFields(fields: Fields): Fields {
  return fields.filter(([name]) => !own.has(name));
}

export function formOf(fields: Fields): Form {
  const typed = typedFields(fields);
  return {
    get: (name) => single(typed, name),
    all: (name) => every(typed, name),
    values: Object.fromEntries(typed.map(([name]) => [name, oneOrMany(every(typed, name))])),
  };
}

/** Values by name, each given once: the query of an address. Refuses `invalid` otherwise. */
export function onlyOnce(fields: Fields): Record<string, string> {
  return Object.fromEntries(fields.map(([name]) => [name, single(fields, name)]));
}

function single(fields: Fields, name: string): string {
  const [value = "", ...more] = every(fields, name);
  if (more.length > 0)
    throw new Refusal("invalid", "repeated", { issues: [{ path: name, code: "repeated" }] });
  return value;
}

function every(fields: Fields, name: string): string[] {
  return fields.filter(([given]) => given === name).map(([, value]) => value);
}

function oneOrMany(values: string[]): string | string[] {
  return values.length === 1 ? (values[0] ?? "") : values;
}
