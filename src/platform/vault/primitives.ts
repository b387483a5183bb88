import { createHmac, hkdfSync } from "node:crypto";

const NO_SALT = Buffer.alloc(0);

/** HKDF-SHA-256 (RFC 5869). Our secrets are uniformly random, so no salt is needed; the published vectors have one. */
export function hkdf(
  secret: Uint8Array,
  info: Uint8Array,
  bytes: number,
  salt: Uint8Array = NO_SALT,
): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, salt, info, bytes));
}

/** HMAC-SHA-256 (RFC 2104, RFC 4231). */
export function hmac(key: Uint8Array, message: string | Uint8Array): Buffer {
  return createHmac("sha256", key).update(message).digest();
}
