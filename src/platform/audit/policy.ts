import { formatVkey, Malformed, parsePolicy, type NoteKey } from "./gatehouse-verify.ts";

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
 * Refuses what it could not read again.
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
