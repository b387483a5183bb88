import { hostname } from "node:os";
import type { Pool, PoolClient } from "pg";
import type { Clock } from "../../door/clock.ts";
import type { Severity } from "../../door/event.ts";
import { sequenceBatch } from "./batch.ts";
import { careForWriters, newCareMemory } from "./caretaker.ts";
import type { TreeEdge } from "./edge.ts";
import { type Lead, readEdge, stopLeading, tryToLead } from "./leader.ts";
import { makeMonthsAhead } from "./months.ts";
import { StageVacuum } from "./stage-vacuum.ts";

export interface SequencerOptions {
  /** Connections of `gatehouse_sequencer`; one is held while this process leads. */
  readonly pool: Pool;
  readonly clock: Clock;
  /** This process leads from now on; before the first batch. Errors go to `onError`, and the log goes on. */
  readonly onLead?: () => Promise<void>;
  /** After each batch, with the tree as it now is: where the signer hangs on. Errors go to `onError`. */
  readonly onGrown?: (edge: TreeEdge, severity: Severity) => Promise<void>;
  readonly onError: (error: unknown) => void;
  /** Every so many milliseconds the leader looks by itself, and the others try to lead. */
  readonly pollMs?: number;
  /** After a wake-up the leader waits so long for company, so that a busy time makes batches and not a commit each. */
  readonly gatherMs?: number;
  /** Rows a transaction. */
  readonly batch?: number;
  /** How often writers are looked after, in milliseconds. */
  readonly careEveryMs?: number;
  /** See `CareOptions`. */
  readonly deadAfterMs?: number;
  readonly gapAfterMs?: number;
  /** A seam for tests; see `BatchOptions`. */
  readonly step?: (name: string) => Promise<void>;
}

type Hooks = "onLead" | "onGrown";

export interface Sequencer {
  /** Something was committed. Cheap; may be called as often as wanted. */
  wake(severity?: Severity): void;
  /** Waits until everything that was committed before the call is in the tree; false when another process leads. */
  flush(): Promise<boolean>;
  readonly leading: boolean;
  /** Resolves when this process has tried to lead for the first time and, if it leads, when `onLead` is done. */
  readonly tried: Promise<void>;
  /** Finishes the batch at hand, gives leadership back and ends. */
  stop(): Promise<void>;
}

/** Events that must not wait for company. */
const URGENT = 4;
const RETRY_MS = 500;

/**
 * Moves staged events into the log for as long as the process lives, whenever this process leads; tries to lead
 * whenever nobody does. Source: design "audit", sequencer.
 */
export function startSequencer(options: SequencerOptions): Sequencer {
  const loop = new Loop(options);
  return loop;
}

class Loop implements Sequencer {
  readonly #options: Required<Omit<SequencerOptions, Hooks>> & Pick<SequencerOptions, Hooks>;
  readonly #done: Promise<void>;
  #lead: Lead | undefined;
  #stopping = false;
  #awake: (() => void) | undefined;
  #woken = false;
  #urgent = false;
  #gathering = false;
  #flushes: (() => void)[] = [];
  readonly #memory = newCareMemory();
  readonly #tried = Promise.withResolvers<void>();

  constructor(options: SequencerOptions) {
    this.#options = {
      pollMs: 250,
      gatherMs: 60,
      batch: 4_000,
      careEveryMs: 5_000,
      deadAfterMs: 15_000,
      gapAfterMs: 60_000,
      step: async () => {},
      ...options,
    };
    this.#done = this.#run();
  }

  get leading(): boolean {
    return this.#lead !== undefined;
  }

  get tried(): Promise<void> {
    return this.#tried.promise;
  }

  wake(severity: Severity = 0): void {
    this.#woken = true;
    if (severity >= URGENT) this.#urgent = true;
    if (this.#urgent || !this.#gathering) this.#awake?.();
  }

  async flush(): Promise<boolean> {
    if (this.#lead === undefined || this.#stopping) return false;
    const flushed = new Promise<void>((resolve) => this.#flushes.push(resolve));
    this.#urgent = true;
    this.wake();
    await flushed;
    return this.#lead !== undefined;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.wake(URGENT);
    await this.#done;
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      try {
        await this.#leadOnce();
      } catch (error) {
        if (!this.#stopping) this.#options.onError(error);
        await this.#sleep(RETRY_MS);
      } finally {
        this.#lead = undefined;
        for (const flushed of this.#flushes.splice(0)) flushed();
      }
      if (!this.#stopping) await this.#sleep(this.#options.pollMs);
    }
    this.#tried.resolve();
  }

  /** Tries to lead, and leads until stopped or until the connection breaks. */
  async #leadOnce(): Promise<void> {
    const client = await this.#options.pool.connect();
    // The pool hears of it too; without this listener a break while we hold the connection would end the process.
    const onBreak = () => this.wake(URGENT);
    client.on("error", onBreak);
    let broken = true;
    try {
      const lead = await tryToLead(client, `${hostname()} ${process.pid}`);
      if (lead === undefined) this.#tried.resolve();
      else await this.#sequence(lead, client);
      broken = false;
    } finally {
      client.off("error", onBreak);
      client.release(broken);
    }
  }

  async #sequence(lead: Lead, client: PoolClient): Promise<void> {
    const { options, now } = this.#batchOptions();
    await makeMonthsAhead(client, now());
    const vacuum = await StageVacuum.of(client);
    let edge = await readEdge(client);
    let lowest = "0";
    let caredAt = 0;
    let monthsAt = now().getTime();
    this.#lead = lead;
    await this.#tell(async () => await this.#options.onLead?.());
    this.#tried.resolve();
    while (!this.#stopping) {
      const flushes = this.#flushes.splice(0);
      this.#woken = false;
      this.#urgent = false;
      const batch = await sequenceBatch(lead, edge, lowest, options);
      edge = batch.edge;
      lowest = batch.lowest ?? lowest;
      if (batch.taken > 0) await this.#tell(async () => await this.#options.onGrown?.(edge, batch.severity));
      await vacuum.took(client, batch.taken);
      if (batch.lowest === undefined) {
        this.#flushes.unshift(...flushes); // more is waiting: not yet flushed
        continue;
      }
      for (const flushed of flushes) flushed();
      const at = now().getTime();
      if (at - caredAt >= this.#options.careEveryMs) {
        caredAt = at;
        const { deadAfterMs, gapAfterMs } = this.#options;
        if ((await careForWriters(lead, this.#memory, { now, deadAfterMs, gapAfterMs })) > 0) continue;
      }
      if (at - monthsAt >= 3_600_000) {
        monthsAt = at;
        await makeMonthsAhead(client, now());
      }
      await this.#rest();
    }
    await stopLeading(lead);
  }

  #batchOptions() {
    const now = () => this.#options.clock.now();
    return { options: { limit: this.#options.batch, now, step: this.#options.step }, now };
  }

  async #tell(hook: () => Promise<void>): Promise<void> {
    try {
      await hook();
    } catch (error) {
      this.#options.onError(error); // what hangs on must not hold the log up
    }
  }

  /** Sleeps until woken or until it is time to look; after a wake-up waits a little for company. */
  async #rest(): Promise<void> {
    if (!this.#woken) await this.#sleep(this.#options.pollMs);
    if (!this.#woken || this.#urgent || this.#stopping) return;
    this.#gathering = true;
    await this.#sleep(this.#options.gatherMs);
    this.#gathering = false;
  }

  async #sleep(ms: number): Promise<void> {
    const woken = Promise.withResolvers<void>();
    this.#awake = woken.resolve;
    const timer = setTimeout(woken.resolve, ms);
    await woken.promise;
    clearTimeout(timer);
    this.#awake = undefined;
  }
}
