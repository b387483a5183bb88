import { readCheckpoint } from "../audit/checkpoint.ts";
import { Malformed, TILE_WIDTH } from "../audit/gatehouse-verify.ts";
import { consistencyProof } from "../audit/merkle.ts";
import type { NoteKey } from "../audit/note.ts";
import { tileNodeReader, tilePath, type TileStore } from "../audit/tiles.ts";
import type { Answer, Witness } from "./witness.ts";

export interface PullOptions {
  /** Prefix of the log's tiles (C2SP tlog-tiles), without a slash at its end. */
  readonly url: string;
  readonly log: NoteKey;
  /** Where to bring the cosigned checkpoint, as nobody can reach this witness; a POST of the note. */
  readonly deliver?: string;
}

/** What a pull can find besides what a request can: a log that shows less than we have cosigned. */
export type PullResult =
  | Answer
  | { readonly status: "rolled-back"; readonly known: number; readonly shown: number };

const TIMEOUT_MS = 10_000;
const MAX_NOTE_BYTES = 65_536;

/**
 * Fetches the newest checkpoint of a log, proves from its tiles that it extends the one cosigned before, and cosigns
 * it: for a witness that sits where the log cannot reach it. The tiles need not be trusted, as the proof that is made
 * of them is verified like any other.
 */
export async function pullOnce(witness: Witness, { url, log, deliver }: PullOptions): Promise<PullResult> {
  const note = (await get(`${url}/checkpoint`, MAX_NOTE_BYTES)).toString();
  const shown = readCheckpoint(Buffer.from(note), log);
  const known = await witness.known(log);
  if (shown.size < known.size) return { status: "rolled-back", known: known.size, shown: shown.size };
  const proof = await consistencyProof(known.size, shown.size, tileNodeReader(httpTiles(url), shown.size));
  const answer = await witness.add({ oldSize: known.size, proof, note });
  if (answer.status === 200 && deliver !== undefined) await post(deliver, note + answer.cosignature);
  return answer;
}

function httpTiles(url: string): TileStore {
  return {
    async read(tile) {
      const limit = TILE_WIDTH * 32;
      if (tile.width === TILE_WIDTH) return get(`${url}/${tilePath(tile)}`, limit);
      // A log may drop a partial tile once the full one is there.
      return get(`${url}/${tilePath(tile)}`, limit).catch(() =>
        get(`${url}/${tilePath({ ...tile, width: TILE_WIDTH })}`, limit),
      );
    },
  };
}

async function get(url: string, limit: number): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: "error" });
  if (!response.ok || !response.body) throw new Error(`${url} answered ${response.status}`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > limit) throw new Malformed(`${url} gives more than it may`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function post(url: string, body: string): Promise<void> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(url, { method: "POST", body, signal, redirect: "error" });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
}
