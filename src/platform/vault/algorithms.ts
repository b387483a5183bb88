import { createCipheriv, createDecipheriv, type KeyObject } from "node:crypto";
import { SealError } from "./errors.ts";

/**
 * Authenticated encryption with associated data, under the name that stands in an envelope. A further algorithm
 * (`SM4CTR-HSM3`, for malls under GB/T 39786) is one more entry of the table below.
 */
export interface Algorithm {
  readonly name: string;
  readonly keyBytes: number;
  readonly nonceBytes: number;
  readonly tagBytes: number;
  /** Gives ciphertext and tag as one piece. */
  seal(key: KeyObject, nonce: Uint8Array, aad: Uint8Array, plain: Uint8Array): Buffer;
  /** Throws `SealError` for everything that is not exactly what `seal` gave. */
  open(key: KeyObject, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Buffer;
}

const TAG = 16;
// Without an explicit length node:crypto accepts tags cut to 4 bytes, which 2^32 guesses forge.
const options = { authTagLength: TAG };

/** AES-256-GCM, random 96-bit nonce, 128-bit tag (NIST SP 800-38D). */
const a256gcm: Algorithm = {
  name: "A256GCM",
  keyBytes: 32,
  nonceBytes: 12,
  tagBytes: TAG,

  seal(key, nonce, aad, plain) {
    const cipher = createCipheriv("aes-256-gcm", key, nonce, options);
    cipher.setAAD(aad);
    const head = cipher.update(plain);
    cipher.final(); // empty for a stream mode; it closes the tag
    return Buffer.concat([head, cipher.getAuthTag()]);
  },

  open(key, nonce, aad, sealed) {
    const end = sealed.length - TAG;
    if (end < 0 || nonce.length !== 12) throw new SealError();
    try {
      const decipher = createDecipheriv("aes-256-gcm", key, nonce, options);
      decipher.setAAD(aad);
      decipher.setAuthTag(sealed.subarray(end));
      const plain = decipher.update(sealed.subarray(0, end));
      decipher.final();
      return plain;
    } catch {
      throw new SealError();
    }
  },
};

const algorithms: ReadonlyMap<string, Algorithm> = new Map([[a256gcm.name, a256gcm]]);

/** What new values are sealed with. */
export const current: Algorithm = a256gcm;

/** The algorithm of that name; `SealError` when there is none. */
export function algorithm(name: string): Algorithm {
  const found = algorithms.get(name);
  if (found === undefined) throw new SealError();
  return found;
}
