import {
  Malformed,
  openNote,
  parseCheckpoint,
  parseNote,
  Unverifiable,
  type NoteKey,
} from "./gatehouse-verify.ts";
import type { Checkpoint, TreeHead } from "./gatehouse-verify.ts";
import { signNote, type NoteSigner } from "./note.ts";

export { parseCheckpoint, type Checkpoint } from "./gatehouse-verify.ts";

/** The text of a checkpoint: origin, size, root, a line each. Refuses an origin that is not one line. */
export function formatCheckpoint(origin: string, head: TreeHead): string {
  const text = `${origin}\n${head.size}\n${head.root.toString("base64")}\n`;
  if (parseCheckpoint(text).origin !== origin) throw new Malformed("an origin is one line");
  return text;
}

/**
 * A checkpoint signed by its log; the origin is the name of the key. Whether this tree extends what was signed
 * before is the caller's to prove first: one signed fork, and the log is worth nothing any more.
 */
export async function signCheckpoint(head: TreeHead, signer: NoteSigner): Promise<string> {
  return signNote(formatCheckpoint(signer.key.name, head), signer);
}

/** Reads a checkpoint note and believes it if this log's key signed it for its own origin. */
export function readCheckpoint(note: Uint8Array, log: NoteKey): Checkpoint {
  const parsed = parseNote(note);
  const checkpoint = parseCheckpoint(parsed.text);
  if (checkpoint.origin !== log.name || openNote(parsed, [log]).length === 0)
    throw new Unverifiable(`this checkpoint of ${checkpoint.origin} is not signed by ${log.name}`);
  return checkpoint;
}
