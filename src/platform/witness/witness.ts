import type { Clock } from "../../door/clock.ts";
import { readCheckpoint, type Checkpoint } from "../audit/checkpoint.ts";
import { cosign } from "../audit/cosignature.ts";
import { parseCheckpoint, Tampered, Unverifiable } from "../audit/gatehouse-verify.ts";
import { EMPTY_ROOT, verifyConsistency, type TreeHead } from "../audit/merkle.ts";
import { parseNote, type NoteKey, type NoteSigner } from "../audit/note.ts";
import type { AddCheckpoint } from "./request.ts";
import type { WitnessState } from "./state.ts";

/** What a witness answers; the status codes are those of C2SP tlog-witness. */
export type Answer =
  | { readonly status: 200; readonly cosignature: string; readonly checkpoint: Checkpoint }
  /** The old size is not the size we know, or a tree of that very size has another root. */
  | { readonly status: 409; readonly size: number }
  /** 400 old size beyond the new, 403 not signed by the log, 404 a log unknown here, 422 not consistent. */
  | { readonly status: 400 | 403 | 404 | 422; readonly reason: string };

/** A signed checkpoint that the log cannot have signed honestly, after the one we hold. */
export interface Alarm {
  readonly origin: string;
  readonly known: TreeHead;
  readonly claimed: TreeHead;
  readonly note: string;
}

export interface WitnessParts {
  readonly state: WitnessState;
  readonly signer: NoteSigner;
  readonly logs: readonly NoteKey[];
  readonly clock: Clock;
  readonly onAlarm: (alarm: Alarm) => void;
}

export interface Witness {
  /** Cosigns a checkpoint if it extends everything cosigned before; one after the other, in the order of the calls. */
  add(request: AddCheckpoint): Promise<Answer>;
  /**
   * The newest checkpoint that was cosigned of this log, cosigned anew; undefined when there was none. For a log that was
   * restored from a backup: it has to see, with its own signature, what it no longer has.
   */
  latest(origin: string): Promise<string | undefined>;
  /** The newest tree that was cosigned of this log; the empty one when there was none. */
  known(log: NoteKey): Promise<TreeHead>;
}

/**
 * A witness (C2SP tlog-witness): for each log it remembers the newest tree, and lends its name only to trees that
 * begin with all of it. It remembers first and signs then: whoever kills it between the two finds a witness that has
 * promised too little, never one that has promised two histories.
 */
export function createWitness(parts: WitnessParts): Witness {
  const { state, signer, logs, clock, onAlarm } = parts;
  let queue: Promise<unknown> = Promise.resolve();

  const known = async (log: NoteKey): Promise<TreeHead> => {
    const note = await state.latest(log.name);
    // A damaged memory is an error, never an empty one: from zero, any history would be welcome.
    return note === undefined ? { size: 0, root: EMPTY_ROOT } : readCheckpoint(Buffer.from(note), log);
  };

  const decide = async ({ oldSize, proof, note }: AddCheckpoint): Promise<Answer> => {
    const { text } = parseNote(Buffer.from(note));
    const { origin } = parseCheckpoint(text);
    const log = logs.find((one) => one.name === origin);
    if (!log) return { status: 404, reason: `the log ${origin} is not known here` };
    const claimed = readSigned(note, log);
    if (!claimed) return { status: 403, reason: `the checkpoint is not signed by ${origin}` };
    if (oldSize > claimed.size) return { status: 400, reason: "the old size is beyond the new one" };

    const latest = await known(log);
    if (oldSize !== latest.size) return { status: 409, size: latest.size };
    if (!verifyConsistency(latest, claimed, proof)) {
      const isFork = claimed.size === latest.size && !claimed.root.equals(latest.root);
      await state.keepEvidence(origin, note);
      onAlarm({ origin, known: latest, claimed, note });
      if (isFork) return { status: 409, size: latest.size };
      return {
        status: 422,
        reason: `the tree of ${claimed.size} is not shown to begin with that of ${latest.size}`,
      };
    }
    if (claimed.size > latest.size || (await state.latest(origin)) === undefined)
      await state.remember(origin, note);
    const cosignature = await cosign(text, signer, clock.now().getTime());
    return { status: 200, cosignature, checkpoint: claimed };
  };

  return {
    known,
    async latest(origin) {
      const note = logs.some((log) => log.name === origin) ? await state.latest(origin) : undefined;
      if (note === undefined) return undefined;
      return note + (await cosign(parseNote(Buffer.from(note)).text, signer, clock.now().getTime()));
    },
    add(request) {
      // Comparing with what we know and remembering the new must not mix with those of another request.
      const answer = queue.then(() => decide(request));
      queue = answer.catch(() => {});
      return answer;
    },
  };
}

function readSigned(note: string, log: NoteKey): Checkpoint | undefined {
  try {
    return readCheckpoint(Buffer.from(note), log);
  } catch (error) {
    // A signature that does not hold and one that is not there are the same refusal; a wrong form is another.
    if (error instanceof Unverifiable || error instanceof Tampered) return undefined;
    throw error;
  }
}
