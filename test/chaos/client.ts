import { EventEmitter, once } from "node:events";
import type { Promises } from "./checks.ts";
import { startVictim, type Victim } from "./processes.ts";
import type { Acknowledged, Attempt, Line } from "./protocol.ts";

/** Longest wait for anything that has to happen. */
const PATIENCE_MS = 120_000;

type Answer = Extract<Line, { key: string }>;

/** Everybody who works at the console, seen from outside: remembers what they sent and what they were told. */
export class Client {
  readonly #program: string;
  readonly #dataDir: string;
  readonly #heard = new EventEmitter();
  #victim: Victim | undefined;
  #air = new Map<string, Attempt>();
  #broken: string[] = [];
  readonly #approvals: string[] = [];
  readonly #events: string[] = [];
  /** Attempts whose first answer was lost with a connection, and which turned out to have happened. */
  landed = 0;
  /** What was done and acknowledged, by key. */
  readonly acknowledged = new Map<string, { attempt: Attempt; answer: Acknowledged }>();

  constructor(program: string, dataDir: string) {
    this.#program = program;
    this.#dataDir = dataDir;
    this.#heard.setMaxListeners(0);
  }

  /** Starts a console; gives the milliseconds until it was ready. */
  async start(): Promise<number> {
    const began = performance.now();
    const ready = this.#next("ready");
    this.#victim = startVictim(this.#program, this.#dataDir, (line) => this.#hear(line));
    await ready;
    return performance.now() - began;
  }

  work(): void {
    this.#victim?.tell({ do: "work" });
  }

  async pause(): Promise<void> {
    const paused = this.#next("paused");
    this.#victim?.tell({ do: "pause" });
    await paused;
  }

  /** Brings everything into the tree; gives the policy by which its signatures are checked. */
  async settle(): Promise<string> {
    const limit = performance.now() + PATIENCE_MS;
    for (;;) {
      const settled = this.#next("settled");
      this.#victim?.tell({ do: "settle" });
      const { policy } = await settled;
      if (policy !== null) return policy;
      if (performance.now() > limit) throw new Error("nobody signs the log");
    }
  }

  async nextDone(): Promise<void> {
    await this.#next("done");
  }

  /** Waits until something that is begun from now on has been answered. */
  async nextWhole(): Promise<void> {
    const { attempt } = await this.#next("trying");
    await once(this.#heard, `answer ${attempt.key}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
  }

  /** Sends one attempt and waits for its answer. */
  async perform(attempt: Attempt): Promise<Answer> {
    const answered = once(this.#heard, `answer ${attempt.key}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    this.#air.set(attempt.key, attempt);
    this.#victim?.tell({ do: "perform", attempt });
    const [answer] = await answered;
    return answer as Answer; // emitted in `#hear`, with this type
  }

  /** Attempts without an answer. A look is left out: nothing but its event says whether it was. */
  inTheAir(): Attempt[] {
    const left = [...this.#air.values()];
    this.#air = new Map();
    return left.filter(({ command }) => command !== "members.reveal");
  }

  /** Some of what was answered, by chance. */
  sample(count: number): { attempt: Attempt; answer: Acknowledged }[] {
    const all = [...this.acknowledged.values()].filter(({ attempt }) => attempt.command !== "members.reveal");
    return Array.from({ length: Math.min(count, all.length) }, () => {
      const [one] = all.splice(Math.floor(Math.random() * all.length), 1);
      return one === undefined ? [] : [one];
    }).flat();
  }

  told(): Promises {
    const commands = [...this.acknowledged.values()].map(({ answer }) => answer.commandId);
    return { commands, events: this.#events, approvals: this.#approvals };
  }

  /** What went wrong inside since the last call. */
  takeBroken(): string[] {
    return this.#broken.splice(0);
  }

  async kill(): Promise<void> {
    const victim = this.#victim;
    this.#victim = undefined;
    await victim?.kill();
  }

  async leave(): Promise<void> {
    const victim = this.#victim;
    this.#victim = undefined;
    await victim?.leave();
  }

  #hear(line: Line): void {
    if (line.say === "trying") this.#air.set(line.attempt.key, line.attempt);
    if (line.say === "broken") this.#broken.push(line.error);
    if ("key" in line) {
      const attempt = this.#air.get(line.key);
      this.#air.delete(line.key);
      if (line.say === "done" && attempt !== undefined) this.#remember(attempt, line);
      if (line.say === "pending") this.#approvals.push(line.approval);
      this.#heard.emit(`answer ${line.key}`, line);
    }
    this.#heard.emit(line.say, line);
  }

  #remember(attempt: Attempt, answer: Acknowledged): void {
    if (!this.acknowledged.has(attempt.key)) {
      this.acknowledged.set(attempt.key, { attempt, answer });
      if (answer.replayed) this.landed += 1;
    }
    if (answer.event !== null) this.#events.push(answer.event);
  }

  async #next<Said extends Line["say"]>(said: Said): Promise<Extract<Line, { say: Said }>> {
    const [line] = await once(this.#heard, said, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return line as Extract<Line, { say: Said }>; // emitted in `#hear`, with this type
  }
}
