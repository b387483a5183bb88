import { createHash, createHmac, randomBytes, randomInt } from "node:crypto";

/** A secret for a cookie or a link: 256 bits, URL-safe. Stored nowhere but with whoever it was given to. */
export function randomToken(): string {
  return randomBytes(32).toString("base64url");
}

/** What is stored of a secret of full strength: 256 random bits need no slow hash (ASVS 6.5.2). */
export function sha256(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}

/** RFC 4648 base32, which has no digits that look like letters. */
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** So many random base32 characters, five bits each. */
export function randomBase32(length: number): string {
  return Array.from({ length }, () => BASE32[randomInt(BASE32.length)]).join("");
}

const processKey = randomBytes(32);

/**
 * Tells whether two secrets that were typed are the same one, within this process and for nobody else: what a repeated
 * form is recognised by. The key is in no file, so the answer means nothing tomorrow.
 */
export function fingerprintOf(secret: string): string {
  return createHmac("sha256", processKey).update(secret).digest("base64url");
}
