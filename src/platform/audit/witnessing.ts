import type { Pool } from "pg";
import type { Tx } from "../../door/tables.ts";
import { addCosignatures } from "./cosignature.ts";
import { parseCheckpoint, readCheckpoint } from "./checkpoint.ts";
import { lastWitnessed } from "./checkpoints.ts";
import { consistencyProof, type TreeHead } from "./merkle.ts";
import { type NoteKey, openNote, parseNote, parseVkey } from "./note.ts";
import { goesOn, readHead, tileStore } from "./store.ts";
import { tileNodeReader } from "./tiles.ts";

/** A witness that this log sends its checkpoints to. */
export interface WitnessAddress {
  /** Submission prefix; `/add-checkpoint` is appended. */
  readonly url: string;
  readonly key: NoteKey;
}

/** Sends a POST and gives status and text; the composition root hands in the one outbound client. */
export type Post = (url: string, body: string) => Promise<{ status: number; text: string }>;

/**
 * What came of one submission. `ahead`: the witness has shown a tree that this log signed and does not have any more.
 * `disagrees`: it says so, and shows nothing: nobody's word alone makes the console read-only.
 */
export type Submission =
  | { readonly result: "cosigned" }
  | { readonly result: "ahead"; readonly head: TreeHead }
  | { readonly result: "disagrees" }
  | { readonly result: "refused"; readonly status: number }
  | { readonly result: "unreachable"; readonly error: unknown };

export interface WitnessingOptions {
  /** The key that signs this log, under its present name. */
  readonly log: NoteKey;
  readonly read: Tx;
  readonly pool: Pool;
  readonly post: Post;
}

/**
 * Reads the setting `WITNESSES`: `url vkey` pairs, separated by commas. Refuses what is no web address or no
 * verifier key of a witness.
 */
export function parseWitnesses(setting: string): WitnessAddress[] {
  return setting
    .split(",")
    .map((pair) => pair.trim())
    .filter((pair) => pair !== "")
    .map((pair) => {
      const [url, vkey, ...rest] = pair.split(/\s+/);
      if (url === undefined || vkey === undefined || rest.length > 0)
        throw new Error("each witness is an address and a verifier key");
      if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ""))
        throw new Error(`${url} is not the address of a witness`);
      return { url: url.replace(/\/$/, ""), key: parseVkey(vkey) };
    });
}

/** How the log names a witness in its tables: name and id of its key. */
export const witnessName = ({ key }: WitnessAddress): string => `${key.name}+${key.id}`;

/** The wrong old size is corrected once; a second 409 is the witness's last word. */
const TRIES = 2;

/**
 * Submits a checkpoint (C2SP tlog-witness, add-checkpoint) and keeps the cosignature.
 *
 * A witness that has seen a larger tree, or another of the same size, has seen a log that we no longer have: our own
 * state may have been rolled back together with everything else. Its answer says so without a signature, so it is asked
 * for what it has seen; see `latestOf`.
 */
export async function submitTo(
  witness: WitnessAddress,
  note: string,
  options: WitnessingOptions,
): Promise<Submission> {
  const { read, pool, post } = options;
  const { origin, size } = parseCheckpoint(parseNote(Buffer.from(note)).text);
  const known = await lastWitnessed(read, origin);
  let old = Math.min(known.find(({ witness: name }) => name === witnessName(witness))?.size ?? 0, size);
  for (let tries = 1; ; tries += 1) {
    const nodes = tileNodeReader(tileStore(read), size);
    const proof = await consistencyProof(old, size, nodes);
    const body = `old ${old}\n${proof.map((hash) => `${hash.toString("base64")}\n`).join("")}\n${note}`;
    const answer = await attempt(post, `${witness.url}/add-checkpoint`, body);
    if ("error" in answer) return { result: "unreachable", error: answer.error };
    if (answer.status === 200) return await keep(pool, witness, note, answer.text, { origin, size });
    // Our proof starts from the very size that it knows: if it does not hold, it knows another tree of that size.
    if (answer.status === 422) return await contradiction(witness, options);
    if (answer.status !== 409) return { result: "refused", status: answer.status };
    const seen = /^\d{1,15}\n?$/.test(answer.text) ? Number(answer.text) : undefined;
    if (seen === undefined) return { result: "refused", status: 409 };
    if (seen > size || (seen === size && old === size)) return await contradiction(witness, options);
    if (tries === TRIES) return { result: "refused", status: 409 };
    old = seen;
  }
}

/** A witness that contradicts us has to show what it has seen; otherwise, and when ours goes on from it, it disagrees. */
async function contradiction(witness: WitnessAddress, options: WitnessingOptions): Promise<Submission> {
  const latest = await latestOf(witness, options);
  return latest.result === "none" ? { result: "disagrees" } : latest;
}

/**
 * Asks a witness for the newest checkpoint of this log that it cosigned, and compares it with the tree as it is now.
 * Believed only with the signatures of both: ours, which nobody else can make, and the witness's. `none`: it
 * shows nothing against us; or nothing at all, as one that never saw this log, or one that knows no
 * `latest-checkpoint`, which is an addition of ours to C2SP tlog-witness.
 */
export async function latestOf(
  witness: WitnessAddress,
  { log, read, post }: Omit<WitnessingOptions, "pool">,
): Promise<Extract<Submission, { result: "ahead" | "disagrees" | "unreachable" }> | { result: "none" }> {
  const answer = await attempt(post, `${witness.url}/latest-checkpoint`, `${log.name}\n`);
  if ("error" in answer) return { result: "unreachable", error: answer.error };
  if (answer.status !== 200) return { result: "none" };
  const seen = shown(answer.text, log, witness.key);
  if (seen === undefined) return { result: "disagrees" };
  const edge = await readHead(read);
  const tree = { size: edge.size, root: edge.root() };
  return (await goesOn(read, seen, tree)) ? { result: "none" } : { result: "ahead", head: seen };
}

/** The tree of a note, if log and witness both signed it. */
function shown(note: string, log: NoteKey, witness: NoteKey): TreeHead | undefined {
  try {
    const isCosigned = openNote(parseNote(Buffer.from(note)), [witness]).length > 0;
    return isCosigned ? readCheckpoint(Buffer.from(note), log) : undefined;
  } catch {
    return undefined; // whatever it is, it is not what both signed
  }
}

async function attempt(
  post: Post,
  url: string,
  body: string,
): Promise<{ status: number; text: string } | { error: unknown }> {
  try {
    return await post(url, body);
  } catch (error) {
    return { error };
  }
}

async function keep(
  pool: Pool,
  witness: WitnessAddress,
  note: string,
  lines: string,
  { origin, size }: { origin: string; size: number },
): Promise<Submission> {
  const cosigned = addCosignatures(note, lines, [witness.key]);
  const at = openNote(parseNote(Buffer.from(cosigned)), [witness.key])[0]?.at;
  if (at === undefined) return { result: "refused", status: 200 };
  await pool.query(
    `INSERT INTO audit.cosignature (origin, size, witness, line, at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING`,
    [origin, size, witnessName(witness), cosigned.slice(note.length), new Date(at)],
  );
  return { result: "cosigned" };
}
