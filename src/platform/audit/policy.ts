import { createHash } from "node:crypto";
import {
  COSIGNATURE_V1,
  formatVkey,
  Malformed,
  noteKey,
  parsePolicy,
  type NoteKey,
} from "./gatehouse-verify.ts";

export {
  meetsQuorum,
  openCheckpoint,
  parsePolicy,
  type OpenCheckpoint,
  type Policy,
} from "./gatehouse-verify.ts";

export interface PolicyWitness {
  /** A name within the policy: no white space. */
  readonly name: string;
  readonly key: NoteKey;
  readonly url?: string;
}

/**
 * Writes a trust policy (C2SP tlog-policy): these logs, and at least `quorum` of these witnesses; 0 for none.
 * Refuses what it could not read again, a quorum above the number of its witnesses among it.
 */
export function formatPolicy(
  logs: readonly NoteKey[],
  witnesses: readonly PolicyWitness[],
  quorum: number,
): string {
  const names = witnesses.map(({ name }) => name);
  const lines = [
    ...logs.map((key) => `log ${formatVkey(key)}`),
    ...witnesses.map(({ name, key, url }) =>
      ["witness", name, formatVkey(key), ...(url ? [url] : [])].join(" "),
    ),
    ...(quorum > 0 ? [`group witnesses ${quorum} ${names.join(" ")}`, "quorum witnesses"] : ["quorum none"]),
  ];
  const text = `${lines.join("\n")}\n`;
  const read = parsePolicy(Buffer.from(text));
  if (read.logs.length !== logs.length || read.witnesses.size !== witnesses.length)
    throw new Malformed("a name or address in the policy holds white space");
  return text;
}

/**
 * The places of a quorum that no witness was named for. They stand in the policy under keys that nobody holds, each a
 * hash, so that the quorum can be stated as it is, and is missed, instead of being lowered.
 */
export function missingWitnesses(quorum: number, named: number): PolicyWitness[] {
  return Array.from({ length: Math.max(0, quorum - named) }, (_, n) => {
    const name = `missing-${n + 1}`;
    const hash = createHash("sha256").update(`gatehouse: nobody holds the key of ${name}`).digest();
    return { name, key: noteKey(name, COSIGNATURE_V1, hash) };
  });
}
