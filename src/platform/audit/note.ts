import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { COSIGNATURE_V1, ED25519, noteKey, type NoteKey } from "./gatehouse-verify.ts";

export {
  COSIGNATURE_V1,
  ED25519,
  formatVkey,
  noteKey,
  openNote,
  parseNote,
  parseSignatureLine,
  parseVkey,
  type Note,
  type NoteKey,
  type NoteSignature,
  type Signed,
} from "./gatehouse-verify.ts";

/** Signs notes under a name. The private key may be in this process or behind PKCS#11. */
export interface NoteSigner {
  readonly key: NoteKey;
  /** The Ed25519 signature (64 bytes) of exactly these bytes. */
  sign(message: Uint8Array): Promise<Buffer>;
}

const PKCS8_ED25519 = Buffer.from("302e020100300506032b657004220420", "hex");

/**
 * A signer from the 32 secret bytes of an Ed25519 key. The type says what it may sign: notes of a log (0x01) or
 * timestamped cosignatures of a witness (0x04); one key must not do both.
 */
export function ed25519Signer(
  name: string,
  seed: Uint8Array,
  type: typeof ED25519 | typeof COSIGNATURE_V1 = ED25519,
): NoteSigner {
  if (seed.length !== 32) throw new RangeError("the secret of an Ed25519 key has 32 bytes");
  const der = Buffer.concat([PKCS8_ED25519, seed]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return {
    key: noteKey(name, type, spki.subarray(-32)),
    sign: async (message) => sign(null, message, privateKey),
  };
}

/** One line under a note: em dash, name, base64 of key id and signature; with its newline. */
export function signatureLine(key: NoteKey, signature: Buffer): string {
  const bytes = Buffer.concat([Buffer.from(key.id, "hex"), signature]);
  return `— ${key.name} ${bytes.toString("base64")}\n`;
}

/** Signs a text (which ends in a newline) as a log does; gives the whole note. Refuses a witness's key. */
export async function signNote(text: string, signer: NoteSigner): Promise<string> {
  if (signer.key.type !== ED25519) throw new RangeError("this key signs cosignatures, not notes");
  return `${text}\n${signatureLine(signer.key, await signer.sign(Buffer.from(text)))}`;
}
