import type { Clock } from "../../door/clock.ts";
import type { StagedEvent } from "../../door/event.ts";
import { systemEvent } from "./system-event.ts";

const MINUTE_MS = 60_000;

interface Kind {
  minute: number;
  seen: number;
}

/**
 * Keeps a flood of anonymous failures from flooding the log: so many a minute of one kind (action and refusal) are
 * written each, the rest are counted, and one event at the end of the minute says how many they were.
 */
export class AnonymousLimit {
  readonly #clock: Clock;
  readonly #perMinute: () => number;
  readonly #write: (event: StagedEvent) => void;
  readonly #kinds = new Map<string, Kind>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    options: { clock: Clock; anonymousPerMinute: () => number },
    write: (event: StagedEvent) => void,
  ) {
    this.#clock = options.clock;
    this.#perMinute = options.anonymousPerMinute;
    this.#write = write;
  }

  /** Whether this failure is to be written by itself. */
  admits(event: StagedEvent): boolean {
    const minute = Math.floor(this.#clock.now().getTime() / MINUTE_MS);
    const name = `${event.action} ${event.outcome.code ?? ""}`;
    let kind = this.#kinds.get(name);
    if (kind === undefined || kind.minute !== minute) {
      this.#finish(name);
      kind = { minute, seen: 0 };
      this.#kinds.set(name, kind);
    }
    kind.seen += 1;
    if (kind.seen <= this.#perMinute()) return true;
    this.#timer ??= setTimeout(() => this.flush(), MINUTE_MS).unref();
    return false;
  }

  /** Writes what was counted so far. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const name of this.#kinds.keys()) this.#finish(name);
  }

  close(): void {
    this.flush();
  }

  #finish(name: string): void {
    const kind = this.#kinds.get(name);
    this.#kinds.delete(name);
    const counted = (kind?.seen ?? 0) - this.#perMinute();
    if (kind === undefined || counted <= 0) return;
    const [action = "", code = ""] = name.split(" ");
    this.#write(
      systemEvent(this.#clock.now(), "audit.anonymous_failures", {
        severity: 2,
        outcome: { result: "failure", ...(code === "" ? {} : { code }) },
        facts: { action, count: counted, minute: new Date(kind.minute * MINUTE_MS).toISOString() },
      }),
    );
  }
}
