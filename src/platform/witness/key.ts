import { randomBytes } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { decodeBase64 } from "../audit/gatehouse-verify.ts";
import { COSIGNATURE_V1, ed25519Signer, type NoteSigner } from "../audit/note.ts";
import { isMissing, writeDurably } from "./state.ts";

const FILE = "key";

/**
 * The witness's key, made at the first start, in the spelling of Go's note package:
 * `PRIVATE+KEY+name+id+base64(type ‖ seed)`. Refuses a file that others may read, and one of another name:
 * a witness that changes its name is another witness.
 */
export async function openWitnessKey(directory: string, name: string): Promise<NoteSigner> {
  const text = await readKey(directory);
  if (text === undefined) {
    const seed = randomBytes(32);
    const signer = ed25519Signer(name, seed, COSIGNATURE_V1);
    const secret = Buffer.concat([Buffer.from([COSIGNATURE_V1]), seed]).toString("base64");
    await writeDurably(directory, FILE, `PRIVATE+KEY+${name}+${signer.key.id}+${secret}\n`);
    return signer;
  }
  const [, stored, id, secret] = /^PRIVATE\+KEY\+([^+]+)\+([0-9a-f]{8})\+(.+)\n$/.exec(text) ?? [];
  if (!stored || !id || !secret) throw new Error("the key file of the witness is damaged");
  if (stored !== name) throw new Error(`the key in this directory is that of the witness ${stored}`);
  const bytes = decodeBase64(secret, "the key of the witness");
  const signer = ed25519Signer(name, bytes.subarray(1), COSIGNATURE_V1);
  if (bytes[0] !== COSIGNATURE_V1 || signer.key.id !== id)
    throw new Error("the key file of the witness is damaged");
  return signer;
}

async function readKey(directory: string): Promise<string | undefined> {
  const path = join(directory, FILE);
  try {
    const { mode } = await stat(path);
    if (process.platform !== "win32" && (mode & 0o077) !== 0)
      throw new Error(`others may read ${path}: chmod 600 it`);
    return await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
