import { createHmac, hkdfSync, type KeyObject } from "node:crypto";

// Keys travel as KeyObject, never as bytes: none can be printed, serialised or compared by mistake, and node:crypto
// copies a byte key into one at every call, which costs more than the decryption itself.

const NO_SALT = Buffer.alloc(0);

/** HKDF-SHA-256 (RFC 5869). Our secrets are uniformly random, so no salt is needed; the published vectors have one. */
export function hkdf(secret: KeyObject, info: Uint8Array, bytes: number, salt: Uint8Array = NO_SALT): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, salt, info, bytes));
}

/** HMAC-SHA-256 (RFC 2104, RFC 4231). */
export function hmac(key: KeyObject, message: string | Uint8Array): Buffer {
  return createHmac("sha256", key).update(message).digest();
}
