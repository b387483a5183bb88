import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Pool } from "pg";
import type { Clock } from "../../door/clock.ts";
import type { EventLog } from "../../door/ports.ts";
import type { Severity } from "../../door/event.ts";
import type { Tx } from "../../door/tables.ts";
import { openLog, type OpenLog } from "./log.ts";
import { ed25519Signer, formatVkey } from "./note.ts";
import { formatPolicy, missingWitnesses, parsePolicy } from "./policy.ts";
import { type Sequencer, startSequencer } from "./sequencer.ts";
import { ForkFacts, openSigner, type Fork, type Signer } from "./signer.ts";
import { keepVerification, verifyDatabase } from "./verify-database.ts";
import {
  latestOf,
  type Post,
  type Submission,
  submitTo,
  type WitnessAddress,
  witnessName,
} from "./witnessing.ts";

/** Events from this severity on are signed at once. */
const SIGN_AT_ONCE = 4;
/** How often every process asks whether the log is forked, in milliseconds. */
const WATCH_MS = 1_000;
/** So long the start waits for what witnesses have seen, in milliseconds; one that does not answer holds nobody up. */
const COMPARE_MS = 3_000;

export interface AuditOptions {
  /** The address for `gatehouse_app`; the log keeps one connection of its own. */
  readonly appUrl: string;
  /** Connections of `gatehouse_sequencer`. */
  readonly sequencerPool: Pool;
  readonly read: Tx;
  readonly clock: Clock;
  /** The data directory; the signer keeps its state in `signer/` below it. */
  readonly dataDir: string;
  /** The 32 secret bytes of the log's signing key. */
  readonly seed: Uint8Array;
  /** The name of the log while nothing was signed yet: `shop.example/log`. One line without spaces or plus. */
  readonly origin: string;
  readonly witnesses: readonly WitnessAddress[];
  readonly post: Post;
  /** Names of the systems that the log is sent on to; see `sink/forward.ts`. */
  readonly sinks?: readonly string[];
  readonly anonymousPerMinute: () => number;
  /** Seconds between two signatures while the log grows and nothing is urgent. */
  readonly signEverySeconds: () => number;
  readonly onError: (error: unknown) => void;
}

/** What the last exchange with a witness came to; undefined before the first of this process. */
export type WitnessAnswer = Submission["result"] | undefined;

/** What queries may ask of the log beyond its tables. */
export interface AuditService {
  /** The log itself, for a command that has to look into it: the role that a command acts in cannot. */
  readonly reading: Tx;
  /** Brings everything that is committed into the tree and signs it: for proofs. Waits a few seconds at most. */
  settle(): Promise<void>;
  /** Starts reading the whole log through, if that is not going on already; the result is kept in `audit.verification`. */
  verify(quorum: number): void;
  /** Name and key that sign now; undefined while another process does. */
  readonly signing: { readonly origin: string; readonly vkey: string } | undefined;
  /**
   * The tlog-policy that an auditor would use: every name this key has signed under, and so many of the witnesses. The
   * quorum is never lowered to the witnesses that there are: where they are too few, nothing verifies.
   */
  trustPolicy(origins: readonly string[], quorum: number): string;
  readonly witnesses: readonly {
    readonly name: string;
    readonly url: string;
    readonly answer: WitnessAnswer;
  }[];
  /** Names of the systems that the log is sent on to. */
  readonly sinks: readonly string[];
  readonly fork: Fork | undefined;
}

export interface OpenAudit extends AuditService {
  readonly log: EventLog;
  /** Whether this process is the one that sequences the log. */
  readonly leading: boolean;
  /**
   * A code while nothing but the fork decision may be changed: `log_forked`, and `log_starting` until the tree was
   * compared with what was signed and witnessed.
   */
  frozen(): string | null;
  stop(): Promise<void>;
}

declare module "../../door/command.ts" {
  interface Services {
    audit: AuditService;
  }
}

/** Opens the audit log of this process: writing, and, whenever it leads, sequencing, signing and witnessing. */
export async function openAudit(options: AuditOptions): Promise<OpenAudit> {
  const audit = new ProcessAudit(options);
  await audit.start();
  return audit;
}

class ProcessAudit implements OpenAudit {
  readonly #options: AuditOptions;
  #log: OpenLog | undefined;
  #sequencer: Sequencer | undefined;
  #signer: Signer | undefined;
  #fork: Fork | undefined;
  #signTimer: NodeJS.Timeout | undefined;
  #watchTimer: NodeJS.Timeout | undefined;
  #submitting: Promise<void> | undefined;
  #toSubmit: string | undefined;
  #verifying: Promise<void> | undefined;
  #leading: Promise<void> | undefined;
  #compared = false;
  readonly #answers = new Map<string, WitnessAnswer>();
  #stopped = false;

  constructor(options: AuditOptions) {
    this.#options = options;
  }

  get log(): EventLog {
    if (this.#log === undefined) throw new Error("the log is not open");
    return this.#log;
  }

  get sinks(): readonly string[] {
    return this.#options.sinks ?? [];
  }

  get leading(): boolean {
    return this.#sequencer?.leading === true;
  }

  get reading(): Tx {
    return this.#options.read;
  }

  get fork(): Fork | undefined {
    return this.#fork;
  }

  get signing(): { origin: string; vkey: string } | undefined {
    const signer = this.#sequencer?.leading === true ? this.#signer : undefined;
    return signer === undefined ? undefined : { origin: signer.origin, vkey: formatVkey(signer.key) };
  }

  get witnesses(): { name: string; url: string; answer: WitnessAnswer }[] {
    return this.#options.witnesses.map((witness) => {
      const name = witnessName(witness);
      return { name, url: witness.url, answer: this.#answers.get(name) };
    });
  }

  frozen(): string | null {
    if (this.#fork !== undefined) return "log_forked";
    return this.#compared ? null : "log_starting";
  }

  trustPolicy(origins: readonly string[], quorum: number): string {
    const { witnesses } = this.#options;
    const named = witnesses.map(({ key, url }, n) => ({ name: `witness-${n + 1}`, key, url }));
    return formatPolicy(
      origins.map((origin) => this.#keyOf(origin).key),
      [...named, ...missingWitnesses(quorum, named.length)],
      quorum,
    );
  }

  async start(): Promise<void> {
    const { appUrl, clock, anonymousPerMinute, onError, sequencerPool } = this.#options;
    await this.#watch();
    this.#sequencer = startSequencer({
      pool: sequencerPool,
      clock,
      onError,
      onLead: async () => await this.#lead(),
      onGrown: async (_edge, severity) => await this.#grown(severity),
    });
    this.#log = await openLog({
      url: appUrl,
      clock,
      anonymousPerMinute,
      onError,
      onCommitted: (severity) => this.#sequencer?.wake(severity),
    });
    await this.#sequencer.tried;
    if (!this.#sequencer.leading) this.#compared = true; // whoever leads has compared, and says it in the head
  }

  async settle(): Promise<void> {
    if ((await this.#sequencer?.flush()) === true) await this.#sign();
  }

  verify(quorum: number): void {
    this.#verifying ??= this.#verify(quorum);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#watchTimer);
    clearTimeout(this.#signTimer);
    await this.#log?.close();
    await this.settle();
    await Promise.all([this.#submitting, this.#verifying]);
    await this.#sequencer?.stop();
  }

  async #verify(quorum: number): Promise<void> {
    const { read, sequencerPool, clock, onError } = this.#options;
    const startedAt = clock.now();
    try {
      const rows = await read.selectFrom("audit.checkpoint").select("origin").distinct().execute();
      const origins = rows.map(({ origin }) => origin);
      if (origins.length === 0) return;
      const report = await verifyDatabase(read, parsePolicy(Buffer.from(this.trustPolicy(origins, quorum))));
      await keepVerification(sequencerPool, report, { startedAt, finishedAt: clock.now() });
    } catch (error) {
      onError(error);
    } finally {
      this.#verifying = undefined;
    }
  }

  /** Opens the signer, once at a time. */
  async #lead(): Promise<void> {
    this.#leading ??= this.#openSigner().finally(() => (this.#leading = undefined));
    await this.#leading;
  }

  async #openSigner(): Promise<void> {
    const { read, sequencerPool, clock, dataDir, origin } = this.#options;
    this.#signer = undefined; // of an earlier time as leader: its state may be old
    const signer = await openSigner({
      keyOf: (name) => this.#keyOf(name),
      origin,
      stateFile: join(dataDir, "signer", "state.json"),
      read,
      pool: sequencerPool,
      clock,
    });
    await this.#compare(signer);
    this.#fork = signer.fork;
    this.#signer = signer;
    this.#compared = true;
    await this.#sign();
  }

  /**
   * Before the first signature: our own state may have been rolled back with the disk, a witness on another machine was
   * not. What an unreachable one would have said is found at the next submission.
   */
  async #compare(signer: Signer): Promise<void> {
    if (signer.fork !== undefined) return;
    const all = Promise.all(
      this.#options.witnesses.map(async (witness) => await this.#hear(witness, signer, signer.lastNote)),
    );
    await Promise.race([all, delay(COMPARE_MS, undefined, { ref: false })]);
  }

  /** Shows a witness what was signed, or asks what it has seen when nothing was; keeps what it came to. */
  async #hear(witness: WitnessAddress, signer: Signer, note: string | undefined): Promise<void> {
    const { read, sequencerPool: pool, post, onError } = this.#options;
    const options = { log: signer.key, read, pool, post };
    try {
      const heard =
        note === undefined ? await latestOf(witness, options) : await submitTo(witness, note, options);
      if (heard.result === "ahead") await signer.contradicted(heard.head);
      if (heard.result !== "none") this.#answers.set(witnessName(witness), heard.result);
    } catch (error) {
      onError(error);
    }
  }

  async #grown(severity: Severity): Promise<void> {
    if (severity >= SIGN_AT_ONCE) {
      await this.#sign();
    } else {
      this.#signTimer ??= setTimeout(() => {
        this.#sign().catch(this.#options.onError);
      }, this.#options.signEverySeconds() * 1_000).unref();
    }
  }

  async #sign(): Promise<string | undefined> {
    clearTimeout(this.#signTimer);
    this.#signTimer = undefined;
    if (this.#sequencer?.leading !== true) return undefined; // whoever leads signs, and nobody else
    const note = await this.#signer?.sign();
    this.#fork = this.#signer?.fork ?? this.#fork;
    if (note !== undefined && this.#options.witnesses.length > 0) {
      this.#toSubmit = note;
      this.#submitting ??= this.#submit();
    }
    return note;
  }

  /** Tells the witnesses, one checkpoint at a time; of those that pile up meanwhile only the newest. */
  async #submit(): Promise<void> {
    for (let note = this.#toSubmit; note !== undefined; note = this.#toSubmit) {
      this.#toSubmit = undefined;
      for (const witness of this.#options.witnesses) {
        if (this.#signer === undefined) break;
        await this.#hear(witness, this.#signer, note);
        this.#fork = this.#signer.fork;
      }
    }
    this.#submitting = undefined;
  }

  /** Keeps `frozen` true in every process, and lets the log go on when people have decided. */
  async #watch(): Promise<void> {
    try {
      if (this.#sequencer?.leading === true) {
        if (this.#signer === undefined) await this.#lead(); // the first attempt failed
        if (this.#fork !== undefined && (await this.#signer?.recheck()) === true) await this.#sign();
      }
      const head = await this.#options.read
        .selectFrom("audit.head")
        .select("forked")
        .executeTakeFirstOrThrow();
      const forked = ForkFacts.safeParse(head.forked);
      const own = this.#sequencer?.leading === true ? this.#signer?.fork : undefined;
      this.#fork = own ?? (forked.success ? forked.data : undefined);
    } catch (error) {
      if (!this.#stopped) this.#options.onError(error);
    }
    if (!this.#stopped) this.#watchTimer = setTimeout(() => void this.#watch(), WATCH_MS).unref();
  }

  #keyOf(origin: string) {
    return ed25519Signer(origin, this.#options.seed);
  }
}
