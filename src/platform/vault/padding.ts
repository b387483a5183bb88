import { SealError } from "./errors.ts";

const BLOCK = 16;
const MARK = 0x80;

/**
 * Fills to whole blocks of 16 bytes (ISO/IEC 7816-4: one 0x80, then zeros) before encryption, because a ciphertext is
 * as long as its plaintext: unpadded, a dump would tell "male" from "female" and short names from long ones.
 */
export function pad(plain: Uint8Array): Buffer {
  const padded = Buffer.alloc((Math.floor(plain.length / BLOCK) + 1) * BLOCK);
  padded.set(plain);
  padded[plain.length] = MARK;
  return padded;
}

/** Takes the filling away; `SealError` where there is none. */
export function unpad(padded: Buffer): Buffer {
  let end = padded.length - 1;
  while (end >= 0 && padded[end] === 0) end -= 1;
  if (end < 0 || padded[end] !== MARK || padded.length % BLOCK !== 0) throw new SealError();
  return padded.subarray(0, end);
}
