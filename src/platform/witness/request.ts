import { decodeDecimal, decodeHash, Malformed, MAX_PATH } from "../audit/gatehouse-verify.ts";

/** The body of `add-checkpoint` (C2SP tlog-witness). */
export interface AddCheckpoint {
  /** Size of the tree that the log believes we cosigned last. */
  readonly oldSize: number;
  readonly proof: readonly Buffer[];
  /** The checkpoint note, verbatim. */
  readonly note: string;
}

/** Reads the body of `add-checkpoint`. Refuses anything that is not exactly its form. */
export function parseAddCheckpoint(body: string): AddCheckpoint {
  const end = body.indexOf("\n\n");
  if (end < 0) throw new Malformed("the request has no checkpoint");
  const [old, ...proof] = body.slice(0, end).split("\n");
  if (!old?.startsWith("old ")) throw new Malformed("the request does not begin with the old size");
  if (proof.length > MAX_PATH) throw new Malformed("the consistency proof is too long");
  return {
    oldSize: decodeDecimal(old.slice("old ".length), "the old size"),
    proof: proof.map((line) => decodeHash(line, "a line of the consistency proof")),
    note: body.slice(end + 2),
  };
}

/**
 * Writes the body of `add-checkpoint`.
 * @internal tests speak to a witness with it
 */
export function formatAddCheckpoint({ oldSize, proof, note }: AddCheckpoint): string {
  return `old ${oldSize}\n${proof.map((hash) => `${hash.toString("base64")}\n`).join("")}\n${note}`;
}
