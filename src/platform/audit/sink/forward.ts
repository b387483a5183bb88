import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import type { Pool } from "pg";
import type { Tx } from "../../../door/tables.ts";
import type { SyslogAddress } from "./address.ts";
import { connectSink } from "./connection.ts";
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
  /** Milliseconds for a connection, for the receiver to take one entry, and for it to have read them all. */
  readonly timeoutMs?: number;
  /** Milliseconds before the first new attempt; doubled at each failure. */
  readonly retryMs?: number;
  /** Most milliseconds between two attempts. */
  readonly longestRetryMs?: number;
}

export interface Forwarding {
  /** Stops at once; what was not known to have arrived is sent again at the next start. */
  stop(): Promise<void>;
}

/** Entries of one connection. */
const BATCH = 500;
const MOST_BYTES = 1_000_000;

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
    this.#options = { pollMs: 2_000, timeoutMs: 5_000, retryMs: 1_000, longestRetryMs: 60_000, ...options };
    this.#signal = signal;
  }

  async run(): Promise<void> {
    const { retryMs, longestRetryMs, pollMs, onError, leads } = this.#options;
    let failures = 0;
    while (!this.#signal.aborted) {
      try {
        const more = leads() && (await this.#sendBatch());
        failures = 0;
        if (!more) await this.#pause(pollMs);
      } catch (error) {
        if (this.#signal.aborted) break;
        if (failures === 0) onError(error);
        await this.#failing(error);
        await this.#pause(Math.min(retryMs * 2 ** failures, longestRetryMs));
        failures += 1;
      }
    }
  }

  /**
   * One connection for one batch; false when there was nothing to send. The cursor moves when the receiver has read to the
   * end and closed: TCP alone would not tell what a receiver that hangs has left unread.
   */
  async #sendBatch(): Promise<boolean> {
    const { address, timeoutMs } = this.#options;
    const entries = await this.#entries(await this.#cursor());
    const last = entries.at(-1);
    if (last === undefined) return false;
    const connection = await connectSink(address, { timeoutMs, signal: this.#signal });
    try {
      for (const entry of entries) await connection.send(syslogFrame(entry, hostname()));
      await connection.finish();
    } finally {
      connection.close();
    }
    await this.#arrived(last.idx + 1);
    return true;
  }

  async #cursor(): Promise<number> {
    const { pool } = this.#options;
    const { rows } = await pool.query<{ next: number }>(
      "SELECT next::float8 AS next FROM audit.sink WHERE name = $1",
      [SYSLOG],
    );
    if (rows[0] !== undefined) return rows[0].next;
    await pool.query("INSERT INTO audit.sink (name) VALUES ($1) ON CONFLICT DO NOTHING", [SYSLOG]);
    return 0;
  }

  /** At most a batch, and at most so many bytes that a slow receiver gets through them in its time. */
  async #entries(from: number): Promise<SinkEntry[]> {
    const rows = await this.#options.read
      .selectFrom("audit.log")
      .select(["idx", "at", "severity", "action", "body"])
      .where("idx", ">=", BigInt(from))
      .orderBy("idx")
      .limit(BATCH)
      .execute();
    let bytes = 0;
    return rows
      .filter(({ body }, at) => (bytes += body.length) <= MOST_BYTES || at === 0)
      .map((row) => ({ ...row, idx: Number(row.idx) }));
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
