import { createSecretKey, type KeyObject } from "node:crypto";
import type { IndexDefinition } from "./index-definitions.ts";
import { pae } from "./pae.ts";
import { hkdf, hmac } from "./primitives.ts";
import { transformRule } from "./transforms.ts";

/** 128 bits: the chance that two values of a mall meet is below that of the machine miscounting. */
export const EXACT_BITS = 128;

/** Gives the index value of a text, or null when it is no such value (a search for nonsense finds nothing). */
export type Tokenise = (text: string) => Buffer | null;

/**
 * The index of a definition: HMAC-SHA-256 of the normalised value under a key of this table, column, transform and
 * version; 16 bytes when exact, else the first `bits` bits, the rest of the last byte zero.
 */
export function tokeniser(root: KeyObject, of: Omit<IndexDefinition, "state">): Tokenise {
  const info = pae([of.table, of.column, of.transform, String(of.version)]);
  const key = createSecretKey(hkdf(root, info, 32));
  const { normalise } = transformRule(of.transform);
  return (text) => {
    const value = normalise(text);
    return value === null ? null : firstBits(hmac(key, value), of.bits);
  };
}

/** The first bits of a digest, in as few bytes as hold them. */
export function firstBits(digest: Uint8Array, bits: number): Buffer {
  const cut = Buffer.from(digest.subarray(0, Math.ceil(bits / 8)));
  const spare = cut.length * 8 - bits;
  const last = cut.length - 1;
  if (spare > 0) cut[last] = ((cut[last] ?? 0) >> spare) << spare;
  return cut;
}
