import type { Clock } from "../../door/clock.ts";
import type { Severity, StagedEvent } from "../../door/event.ts";
import type { EventLog, Staging, Statement } from "../../door/ports.ts";
import { AnonymousLimit } from "./anonymous.ts";
import { writeBody, type Written } from "./body.ts";
import { systemEvent } from "./system-event.ts";
import { registerWriter, type Writer } from "./writer.ts";

/** Closed numbers named in one void event; more would not fit into a body. */
const VOIDS_AN_EVENT = 500;
/** Numbers that no later event took along are closed after so many milliseconds. */
const CLOSE_AFTER_MS = 2_000;
/** After the connection of the writer broke: how long until the next try, in milliseconds. */
const RECONNECT_MS = 1_000;

export interface LogOptions {
  /** The address for `gatehouse_app`: a connection of the log's own, beside those of the door. */
  readonly url: string;
  readonly clock: Clock;
  /** How many anonymous failures of one kind a minute are written one by one; the rest are counted. */
  readonly anonymousPerMinute: () => number;
  /** Called after each commit that brought events, with the gravest severity among them: wakes the sequencer. */
  readonly onCommitted: (severity: Severity) => void;
  readonly onError: (error: unknown) => void;
}

/** The log as the door writes it, for one process. */
export interface OpenLog extends EventLog {
  /** Id of this process as a writer. */
  readonly writer: string;
  /** The last number that was committed. */
  readonly last: number;
  /** Closes what is open, and leaves: the successor finds no gap. */
  close(): Promise<void>;
}

/**
 * Opens the log for writing: registers the process as a writer, numbers its events without a gap, and closes the
 * numbers of transactions that did not commit. Source: design "audit", write path.
 */
export async function openLog(options: LogOptions): Promise<OpenLog> {
  const log = new ProcessLog(options);
  await log.start();
  return log;
}

interface Lost {
  readonly writer: string;
  readonly seq: number;
}

class ProcessLog implements OpenLog {
  readonly #options: LogOptions;
  readonly #anonymous: AnonymousLimit;
  #writer: Writer | undefined;
  #id = "";
  #next = 1;
  #last = 0;
  #lost: Lost[] = [];
  #closing: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: LogOptions) {
    this.#options = options;
    this.#anonymous = new AnonymousLimit(options, (event) => this.#append([event]));
  }

  get writer(): string {
    return this.#id;
  }

  get last(): number {
    return this.#last;
  }

  async start(): Promise<void> {
    this.#writer = await registerWriter(this.#options.url, (error) => this.#reconnect(error));
    // A new registration is a new writer: the old one may have been declared dead meanwhile.
    this.#id = this.#writer.id;
    this.#next = 1;
    this.#last = 0;
  }

  prepare(events: readonly StagedEvent[]): Staging {
    const closing = this.#lost.splice(0, VOIDS_AN_EVENT);
    const all = closing.length === 0 ? events : [...events, this.#voidEvent(closing)];
    const rows: { seq: number; written: Written }[] = [];
    const writer = this.#id;
    const severity = gravest(events);
    const lost = () => {
      this.#lost.push(...closing, ...rows.map(({ seq }) => ({ writer, seq })));
      this.#closeLater();
    };
    try {
      for (const event of all) {
        const seq = this.#next;
        rows.push({ seq, written: writeBody(event, { id: writer, seq }) });
        this.#next += 1;
      }
    } catch (error) {
      lost();
      throw error;
    }
    return {
      statement: insertion(writer, rows),
      committed: () => {
        if (writer === this.#id) this.#last = Math.max(this.#last, rows.at(-1)?.seq ?? 0);
        this.#options.onCommitted(severity);
      },
      lost,
    };
  }

  admitsAnonymous(event: StagedEvent): boolean {
    return this.#anonymous.admits(event);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#closing);
    this.#anonymous.close();
    while (this.#lost.length > 0) {
      const before = this.#lost.length;
      this.#append([]);
      await this.#work;
      if (this.#lost.length >= before) break; // the database is gone; the successor closes the range
    }
    await this.#work;
    await this.#writer?.client.end();
  }

  /** Writes events over the log's own connection, one after the other: what no request brings along. */
  #append(events: readonly StagedEvent[]): void {
    const before = this.#work;
    this.#work = this.#write(events, before);
  }

  async #write(events: readonly StagedEvent[], before: Promise<void>): Promise<void> {
    await before;
    if (events.length === 0 && this.#lost.length === 0) return;
    const staging = this.prepare(events);
    try {
      if (this.#writer === undefined) throw new Error("the log has no connection");
      await this.#writer.client.query(staging.statement);
      staging.committed();
    } catch (error) {
      staging.lost();
      this.#options.onError(error);
    }
  }

  #closeLater(): void {
    if (this.#closed || this.#closing !== undefined) return;
    this.#closing = setTimeout(() => {
      this.#closing = undefined;
      this.#append([]);
    }, CLOSE_AFTER_MS);
    this.#closing.unref();
  }

  #voidEvent(voids: Lost[]): StagedEvent {
    return systemEvent(this.#options.clock.now(), "audit.void", { facts: { count: voids.length }, voids });
  }

  #reconnect(error: Error): void {
    if (this.#writer === undefined || this.#closed) return;
    this.#writer = undefined;
    this.#options.onError(error);
    void this.#startAgain();
  }

  async #startAgain(): Promise<void> {
    while (!this.#closed && this.#writer === undefined) {
      await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS).unref());
      try {
        await this.start();
      } catch (error) {
        this.#options.onError(error);
      }
    }
  }
}

function gravest(events: readonly StagedEvent[]): Severity {
  return events.reduce<Severity>((most, { severity }) => (severity > most ? severity : most), 0);
}

const INSERT_ONE = "INSERT INTO audit.stage (writer, writer_seq, body) VALUES ($1, $2, $3)";
const INSERT_MANY =
  "INSERT INTO audit.stage (writer, writer_seq, body) SELECT $1::uuid, * FROM unnest($2::bigint[], $3::bytea[])";
const INSERT_WITH_DETAIL = `WITH detail AS (
  INSERT INTO audit.overflow (sha256, detail) SELECT * FROM unnest($4::bytea[], $5::bytea[]) ON CONFLICT DO NOTHING
) ${INSERT_MANY}`;

/** One statement, so that it can ride with the commit in one round trip. */
function insertion(writer: string, rows: readonly { seq: number; written: Written }[]): Statement {
  const [first, ...more] = rows;
  const overflows = rows.flatMap(({ written }) => (written.overflow === undefined ? [] : [written.overflow]));
  const many = [writer, rows.map(({ seq }) => seq), rows.map(({ written }) => written.body)];
  if (overflows.length > 0) {
    const hashes = overflows.map(({ sha256 }) => sha256);
    const details = overflows.map(({ detail }) => detail);
    return { text: INSERT_WITH_DETAIL, values: [...many, hashes, details] };
  }
  if (first !== undefined && more.length === 0)
    return { name: "audit_one", text: INSERT_ONE, values: [writer, first.seq, first.written.body] };
  return { name: "audit_many", text: INSERT_MANY, values: many };
}
