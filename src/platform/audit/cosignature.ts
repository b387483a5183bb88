import { COSIGNATURE_V1, cosignedText, openNote, parseNote, type NoteKey } from "./gatehouse-verify.ts";
import { signatureLine, type NoteSigner } from "./note.ts";

/**
 * A witness's statement (C2SP tlog-cosignature v1, Ed25519) that at this time (milliseconds, stated in whole seconds)
 * the largest consistent tree it had seen of this log was this one. Gives the signature line. Refuses a log's key.
 */
export async function cosign(checkpointText: string, signer: NoteSigner, at: number): Promise<string> {
  if (signer.key.type !== COSIGNATURE_V1) throw new RangeError("this key signs notes, not cosignatures");
  const seconds = Math.floor(at / 1000);
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(seconds));
  const signature = await signer.sign(Buffer.from(cosignedText(checkpointText, seconds)));
  return signatureLine(signer.key, Buffer.concat([time, signature]));
}

/**
 * The note with those lines of a witness's answer that one of the trusted witnesses really made for it; lines of
 * unknown keys are dropped, as are those of keys that are on the note already. A line that does not hold is refused.
 */
export function addCosignatures(note: string, lines: string, trusted: readonly NoteKey[]): string {
  const present = new Set(
    parseNote(Buffer.from(note)).signatures.map(({ name, keyId }) => `${name} ${keyId}`),
  );
  const candidate = parseNote(Buffer.from(note + lines));
  const valid = openNote(candidate, trusted).map(({ key }) => key);
  const added = candidate.signatures
    .slice(parseNote(Buffer.from(note)).signatures.length)
    .flatMap((signature) => {
      const key = valid.find((one) => one.name === signature.name && one.id === signature.keyId);
      if (!key || present.has(`${key.name} ${key.id}`)) return [];
      present.add(`${key.name} ${key.id}`);
      return [signatureLine(key, signature.signature)];
    });
  return note + added.join("");
}
