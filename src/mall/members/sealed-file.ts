import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";
import { z } from "zod";

/*
 * The encrypted file of an export, format "gatehouse-export/1": one JSON object, so that any language can open it.
 *
 *   format, kdf {name "scrypt", salt, N, r, p}, cipher "A256GCM", nonce, data
 *
 * Binary values are base64url. The key is scrypt(passphrase in UTF-8, salt, 32 bytes); `data` is ciphertext and 16-byte tag;
 * the associated data is the UTF-8 text `gatehouse-export/1`.
 */

const FORMAT = "gatehouse-export/1";
/** 64 MiB of work: a generated passphrase has 150 bits, so this only slows down whoever saw a part of it. */
const KDF = { N: 65_536, r: 8, p: 1 } as const;
const MAXMEM = 128 * 1024 * 1024;
const TAG = 16;

const File = z.strictObject({
  format: z.literal(FORMAT),
  kdf: z.strictObject({
    name: z.literal("scrypt"),
    salt: z.base64url(),
    N: z.literal(KDF.N),
    r: z.literal(KDF.r),
    p: z.literal(KDF.p),
  }),
  cipher: z.literal("A256GCM"),
  nonce: z.base64url(),
  data: z.base64url(),
});

const ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"; // 32 signs that nobody mistakes for each other
const GROUPS = 6;
const GROUP = 5;

/** What a passphrase looks like: six groups of five. */
export const passphrasePattern = new RegExp(
  `^(?:[${ALPHABET}]{${GROUP}}-){${GROUPS - 1}}[${ALPHABET}]{${GROUP}}$`,
);

/** A passphrase of 150 random bits, to be shown once and kept nowhere. */
export function newPassphrase(): string {
  const signs = [...randomBytes(GROUPS * GROUP)].map((byte) => ALPHABET[byte % ALPHABET.length]);
  return Array.from({ length: GROUPS }, (_, at) => signs.slice(at * GROUP, (at + 1) * GROUP).join("")).join(
    "-",
  );
}

/** Encrypts a file under a passphrase. */
export function sealFile(plain: Uint8Array, passphrase: string): string {
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", keyOf(passphrase, salt), nonce, { authTagLength: TAG });
  cipher.setAAD(Buffer.from(FORMAT));
  const data = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return JSON.stringify({
    format: FORMAT,
    kdf: { name: "scrypt", salt: salt.toString("base64url"), ...KDF },
    cipher: "A256GCM",
    nonce: nonce.toString("base64url"),
    data: data.toString("base64url"),
  } satisfies z.output<typeof File>);
}

/** Opens a file of `sealFile`; null for a wrong passphrase, a damaged file, or no such file. For `gatehouse members decrypt`. */
export function openFile(text: string, passphrase: string): Buffer | null {
  const file = parse(text);
  if (file === null) return null;
  const data = Buffer.from(file.data, "base64url");
  const nonce = Buffer.from(file.nonce, "base64url");
  if (data.length < TAG || nonce.length !== 12) return null;
  const key = keyOf(passphrase, Buffer.from(file.kdf.salt, "base64url"));
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG });
  decipher.setAAD(Buffer.from(FORMAT));
  decipher.setAuthTag(data.subarray(-TAG));
  try {
    return Buffer.concat([decipher.update(data.subarray(0, -TAG)), decipher.final()]);
  } catch {
    return null; // one answer for everything that is wrong
  }
}

function parse(text: string): z.output<typeof File> | null {
  try {
    return File.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function keyOf(passphrase: string, salt: Uint8Array): Buffer {
  return scryptSync(passphrase.normalize("NFKC"), salt, 32, { ...KDF, maxmem: MAXMEM });
}
