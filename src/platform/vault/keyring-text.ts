import { createSecretKey, type KeyObject, randomBytes, scrypt } from "node:crypto";
import { promisify } from "node:util";
import { z } from "zod";
import { algorithm } from "./algorithms.ts";
import { KeyringError } from "./errors.ts";
import { pae } from "./pae.ts";

const FORMAT = "gatehouse-keyring-1";
/** OWASP's second choice for scrypt: 64 MiB for under half a second, once a start. */
const COST = { N: 65_536, r: 8, p: 2 };
const sealing = algorithm("A256GCM");

const base64url = z.base64url().transform((text) => Buffer.from(text, "base64url"));
const key32 = base64url.refine((bytes) => bytes.length === 32).transform((bytes) => createSecretKey(bytes));

const Contents = z.strictObject({
  installSecret: key32,
  keks: z.array(z.strictObject({ version: z.int().min(1), createdAt: z.iso.datetime(), key: key32 })).min(1),
});
/** What the keyring holds: the secret that others derive from, and every version of the KEK, oldest first. */
export type KeyringContents = z.output<typeof Contents>;

const Plain = z.strictObject({
  format: z.literal(FORMAT),
  id: z.uuid(),
  protection: z.literal("plain"),
  contents: Contents,
});
const Sealed = z.strictObject({
  format: z.literal(FORMAT),
  id: z.uuid(),
  protection: z.literal("scrypt"),
  // Ceilings: a planted file must not make the start eat the machine.
  cost: z.strictObject({
    N: z.int().min(16_384).max(1_048_576),
    r: z.int().min(8).max(16),
    p: z.int().min(1).max(8),
  }),
  salt: base64url,
  nonce: base64url,
  sealed: base64url,
});
const File = z.discriminatedUnion("protection", [Plain, Sealed]);
export type KeyringFile = z.output<typeof File>;

/** The key made from a passphrase, with what it was made from. Kept in place of the passphrase. */
export interface PassphraseKey {
  cost: { N: number; r: number; p: number };
  salt: Buffer;
  key: KeyObject;
}

export function parseKeyring(path: string, text: string): KeyringFile {
  try {
    return File.parse(JSON.parse(text));
  } catch {
    // the parser's message would quote the file
    throw new KeyringError(`the keyring ${path} is damaged; put the copy from your backup in its place`);
  }
}

/** The text of a keyring file: sealed when there is a passphrase, readable when there is none. */
export function renderKeyring(id: string, contents: KeyringContents, under: PassphraseKey | null): string {
  const readable = {
    installSecret: asText(contents.installSecret),
    keks: contents.keks.map((kek) => ({ ...kek, key: asText(kek.key) })),
  };
  const head = { format: FORMAT, id };
  if (under === null) return write({ ...head, protection: "plain", contents: readable });
  const nonce = randomBytes(sealing.nonceBytes);
  const sealed = sealing.seal(under.key, nonce, binding(id, under), Buffer.from(JSON.stringify(readable)));
  return write({
    ...head,
    protection: "scrypt",
    cost: under.cost,
    salt: under.salt.toString("base64url"),
    nonce: nonce.toString("base64url"),
    sealed: sealed.toString("base64url"),
  });
}

/** Opens a sealed keyring. */
export function unsealKeyring(
  path: string,
  file: z.output<typeof Sealed>,
  under: PassphraseKey,
): KeyringContents {
  try {
    const plain = sealing.open(under.key, file.nonce, binding(file.id, under), file.sealed);
    return Contents.parse(JSON.parse(plain.toString("utf8")));
  } catch {
    throw new KeyringError(`the keyring ${path} does not open with this KEYRING_PASSPHRASE`);
  }
}

/** Makes the key of a passphrase, anew or with the salt and cost that a file names. */
export async function passphraseKey(
  passphrase: string,
  from: Pick<PassphraseKey, "cost" | "salt"> = { cost: COST, salt: randomBytes(16) },
): Promise<PassphraseKey> {
  const { cost, salt } = from;
  const maxmem = 256 * cost.N * cost.r;
  return {
    cost,
    salt,
    key: createSecretKey(await derive(passphrase.normalize("NFKC"), salt, 32, { ...cost, maxmem })),
  };
}

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(
  scrypt,
);

function binding(id: string, { cost, salt }: PassphraseKey): Buffer {
  return pae([FORMAT, id, String(cost.N), String(cost.r), String(cost.p), salt]);
}

function asText(key: KeyObject): string {
  return key.export().toString("base64url");
}

function write(file: object): string {
  return `${JSON.stringify(file, null, 2)}\n`;
}
