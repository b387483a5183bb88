import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import type { Server } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../../door/clock.ts";
import { formatVkey, type NoteKey } from "../audit/note.ts";
import { openWitnessKey } from "./key.ts";
import { lockDirectory } from "./lock.ts";
import { pullOnce, type PullOptions, type PullResult } from "./pull.ts";
import { witnessServer } from "./server.ts";
import { openState } from "./state.ts";
import { createWitness, type Alarm } from "./witness.ts";

export interface WitnessOptions {
  /** The witness's own: key, memory, evidence. Never the console's data directory, and never restored from a backup. */
  readonly stateDir: string;
  /** A schema-less URL that names the witness, and with it its key. */
  readonly name: string;
  /** The logs that may be cosigned; a log's name is its origin. */
  readonly logs: readonly NoteKey[];
  readonly clock: Clock;
  /** Listens for `add-checkpoint`. Port 0: any. */
  readonly listen?: { readonly host: string; readonly port: number };
  /** Fetches checkpoints by itself, every so many milliseconds. */
  readonly pull?: PullOptions & { readonly everyMs: number };
  /** A log has signed what it cannot have signed honestly. The evidence is kept in the state directory. */
  readonly onAlarm?: (alarm: Alarm) => void;
  readonly onPull?: (result: PullResult) => void;
  /** An unreachable log, a full disk: the witness goes on. */
  readonly onError?: (error: unknown) => void;
}

export interface RunningWitness {
  /** Of the listener, if there is one: `http://host:port`. */
  readonly address: string | undefined;
  /** What a log's operator puts into the trust policy. */
  readonly vkey: string;
  close(): Promise<void>;
}

/** Starts a witness. Refuses a state directory that another witness uses, or whose key is not of this name. */
export async function startWitness(options: WitnessOptions): Promise<RunningWitness> {
  const { stateDir, name, logs, clock, listen, pull } = options;
  const ignore = () => {};
  const { onAlarm = ignore, onPull = ignore, onError = ignore } = options;
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const release = await lockDirectory(stateDir);
  try {
    const signer = await openWitnessKey(stateDir, name);
    const vkey = formatVkey(signer.key);
    const witness = createWitness({ state: await openState(stateDir), signer, logs, clock, onAlarm });
    // A memory that cannot be read is better found at the start than at the first checkpoint.
    for (const log of logs) await witness.known(log);

    const server = listen && witnessServer(witness, vkey, onError);
    const address = listen && server && (await listenOn(server, listen));

    const stop = new AbortController();
    const pulling =
      pull &&
      keepPulling(stop.signal, pull.everyMs, async () => onPull(await pullOnce(witness, pull)), onError);
    return {
      address,
      vkey,
      async close() {
        stop.abort();
        await pulling;
        if (server) {
          const closed = once(server, "close");
          server.close();
          server.closeIdleConnections();
          await closed;
        }
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

async function keepPulling(
  signal: AbortSignal,
  everyMs: number,
  pull: () => Promise<void>,
  onError: (error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    await pull().catch(onError);
    await delay(everyMs, undefined, { signal }).catch(() => {});
  }
}

/** Gives the address under which the server can be reached; refuses a port that is taken. */
async function listenOn(server: Server, { host, port }: { host: string; port: number }): Promise<string> {
  server.listen(port, host);
  await once(server, "listening");
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("the witness listens on no port");
  return `http://${hostInUrl(host)}:${bound.port}`;
}

const hostInUrl = (host: string) => (host.includes(":") ? `[${host}]` : host);
