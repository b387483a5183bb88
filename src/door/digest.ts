import type { Sealer } from "./ports.ts";

/**
 * The exact input as bytes: what an approval shows, what an idempotency key is bound to. Keys keep the order in which
 * the schema put them; bigints become strings.
 */
export function inputBytes(command: string, input: unknown): Buffer {
  return storedBytes([command, input]);
}

/** JSON with bigints as strings. */
export function storedBytes(value: unknown): Buffer {
  return Buffer.from(
    JSON.stringify(value, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value)),
  );
}

/** Keyed, because inputs hold personal data and a bare hash of a phone number is a phone number. */
export function inputDigest(sealer: Sealer, command: string, input: unknown): Buffer {
  return sealer.digest("door.input", inputBytes(command, input));
}
