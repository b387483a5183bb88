import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import type { Pool } from "pg";
import type { Tx } from "../../../door/tables.ts";
import type { SyslogAddress } from "./address.ts";
import { connectSink, type SinkConnection } from "./connection.ts";
import { Settling } from "./settling.ts";
import { type SinkEntry, syslogFrame } from "./syslog.ts";

/** The one sink there is, by its name in `audit.sink`. */
export const SYSLOG = "syslog";

export interface ForwardOptions {
  readonly address: SyslogAddress;
  readonly read: Tx;
  /** Connections of `gatehouse_sequencer`, which keeps the cursor. */
  readonly pool: Pool;
  /** Only the process that leads the log sends it on; of two that think they do, both send, and nothing is lost. */
  readonly leads: () => boolean;
  /** Told once of each series of failures. */
  readonly onError: (error: unknown) => void;
  /** Milliseconds between two looks for new entries. */
  readonly pollMs?: number;
  /** Milliseconds for a connection, and for the receiver to take one entry. */
  readonly timeoutMs?: number;
  /** Milliseconds that a connection has to outlive an entry before the entry counts as arrived: TCP tells nobody. */
  readonly settleMs?: number;
  /** Milliseconds before the first new attempt; doubled at each failure, up to a minute. */
  readonly retryMs?: number;
}

export interface Forwarding {
  /** Stops at once; what was not known to have arrived is sent again at the next start. */
  stop(): Promise<void>;
}

/** Entries of one look into the log. */
const BATCH = 100;
const LONGEST_RETRY_MS = 60_000;

/**
 * Sends the entries of the log on, in their order, each at least once, from the durable cursor in `audit.sink`. Runs beside
 * everything else: it reads what is committed already, so a sink that hangs delays nothing but itself (design "audit").
 */
export function startForwarding(options: ForwardOptions): Forwarding {
  const stop = new AbortController();
  const done = new Forwarder(options, stop.signal).run();
  return {
    async stop() {
      stop.abort();
      await done;
    },
  };
}

class Forwarder {
  readonly #options: Required<ForwardOptions>;
  readonly #signal: AbortSignal;

  constructor(options: ForwardOptions, signal: AbortSignal) {
    this.#options = { pollMs: 1_000, timeoutMs: 5_000, settleMs: 2_000, retryMs: 1_000, ...options };
    this.#signal = signal;
  }

  async run(): Promise<void> {
    const { retryMs, pollMs, onError, leads } = this.#options;
    let failures = 0;
    while (!this.#signal.aborted) {
      try {
        if (leads()) await this.#session(() => (failures = 0));
        else await this.#pause(pollMs);
      } catch (error) {
        if (this.#signal.aborted) break;
        if (failures === 0) onError(error);
        await this.#failing(error);
        await this.#pause(Math.min(retryMs * 2 ** failures, LONGEST_RETRY_MS));
        failures += 1;
      }
    }
  }

  /** One connection: from the cursor on, until it breaks, another process leads, or the console stops. */
  async #session(onArrived: () => void): Promise<void> {
    const { address, timeoutMs } = this.#options;
    const at = await this.#cursor();
    const connection = await connectSink(address, { timeoutMs, signal: this.#signal });
    try {
      await this.#send(connection, at, onArrived);
    } finally {
      connection.close();
    }
  }

  /** Entry by entry, each with its own time: a slow receiver makes progress, and only one that stands still is left. */
  async #send(connection: SinkConnection, from: number, onArrived: () => void): Promise<void> {
    const { pollMs, settleMs, leads } = this.#options;
    const settling = new Settling(settleMs);
    for (let at = from; !this.#signal.aborted && leads(); ) {
      const entries = await this.#entries(at);
      for (const entry of entries) {
        await connection.send(syslogFrame(entry, hostname()));
        at = entry.idx + 1;
        settling.sent(at, performance.now());
        await this.#keep(settling, onArrived);
      }
      if (entries.length === 0) await this.#pause(Math.min(pollMs, settleMs));
      if (connection.broken) throw new Error("the syslog server hung up");
      await this.#keep(settling, onArrived);
    }
  }

  async #keep(settling: Settling, onArrived: () => void): Promise<void> {
    const next = settling.arrived(performance.now());
    if (next === undefined) return;
    await this.#arrived(next);
    onArrived();
  }

  async #cursor(): Promise<number> {
    const { rows } = await this.#options.pool.query<{ next: number }>(
      `INSERT INTO audit.sink (name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET name = excluded.name
       RETURNING next::float8 AS next`,
      [SYSLOG],
    );
    return rows[0]?.next ?? 0;
  }

  async #entries(from: number): Promise<SinkEntry[]> {
    const rows = await this.#options.read
      .selectFrom("audit.log")
      .select(["idx", "at", "severity", "action", "body"])
      .where("idx", ">=", BigInt(from))
      .orderBy("idx")
      .limit(BATCH)
      .execute();
    return rows.map((row) => ({ ...row, idx: Number(row.idx) }));
  }

  async #arrived(next: number): Promise<void> {
    await this.#options.pool.query(
      `UPDATE audit.sink SET next = greatest(next, $2), sent_at = now(), failing_since = NULL, code = NULL WHERE name = $1`,
      [SYSLOG, next],
    );
  }

  /** For the status page. A database that fails too is told of elsewhere. */
  async #failing(cause: unknown): Promise<void> {
    await this.#options.pool
      .query(
        "UPDATE audit.sink SET failing_since = coalesce(failing_since, now()), code = $2 WHERE name = $1",
        [SYSLOG, codeOf(cause)],
      )
      .catch(() => {});
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#signal }).catch(() => {});
  }
}

/** A word, not a sentence: messages of errors name addresses. */
function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string")
    return error.code.slice(0, 100);
  return "closed";
}
