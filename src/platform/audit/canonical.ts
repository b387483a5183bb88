import { Malformed, MAX_BODY_BYTES } from "./gatehouse-verify.ts";

/** What an event may be made of. No floating-point number: two languages rarely write one alike. */
export type CanonicalValue =
  | string
  | number
  | boolean
  | null
  | readonly CanonicalValue[]
  | { readonly [key: string]: CanonicalValue };

// Events are a few levels deep; a limit turns a cyclic value into a refusal instead of a stack overflow.
const MAX_DEPTH = 64;

/**
 * The one spelling of a value: JSON without white space, keys in order of their UTF-16 units (RFC 8785), integers only.
 * It holds no newline, so a line of JSONL is the verbatim body. Refuses floats, unsafe integers, undefined, lone
 * surrogates and everything that is not plain data, also when a cast has smuggled it past the compiler.
 */
export function canonicalJson(value: CanonicalValue | object): string {
  return write(value, 0);
}

/**
 * The body of an audit event: the bytes that are stored, hashed and exported. Refuses more than 65,535 of them.
 * @internal tests invent bodies with it; the log puts parts together (`body.ts`)
 */
export function canonicalBody(value: CanonicalValue | object): Buffer {
  const body = Buffer.from(canonicalJson(value));
  if (body.length > MAX_BODY_BYTES) throw new Malformed(`an entry of ${body.length} bytes is too long`);
  return body;
}

// On the path of every audited command: loops and concatenation here take half the time of map and join.
function write(value: unknown, depth: number): string {
  if (typeof value === "string") return writeString(value);
  if (typeof value === "boolean" || value === null) return String(value);
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
  if (depth > MAX_DEPTH) throw new Malformed("a value is nested too deep for canonical JSON");
  if (Array.isArray(value)) return writeArray(value, depth);
  if (isPlainObject(value)) return writeObject(value, depth);
  const what = typeof value === "number" ? `the number ${value}` : `a value of type ${typeof value}`;
  throw new Malformed(`canonical JSON has no place for ${what}`);
}

function writeArray(value: readonly unknown[], depth: number): string {
  let text = "[";
  for (let i = 0; i < value.length; i++) text += (i === 0 ? "" : ",") + write(value[i], depth + 1);
  return `${text}]`;
}

function writeObject(value: Record<string, unknown>, depth: number): string {
  let text = "{";
  for (const key of Object.keys(value).sort())
    text += `${text === "{" ? "" : ","}${writeString(key)}:${write(value[key], depth + 1)}`;
  return `${text}}`;
}

/** Printable ASCII without quote and backslash: most strings of an event, and nothing in them needs an escape. */
const PLAIN = /^[ !#-[\]-~]*$/;

function writeString(value: string): string {
  if (PLAIN.test(value)) return `"${value}"`;
  // JSON.stringify escapes a lone surrogate, and thereby makes two different strings of one body possible.
  if (!value.isWellFormed()) throw new Malformed("a string holds a lone surrogate");
  return JSON.stringify(value);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
