import type { Pool } from "pg";
import { z } from "zod";
import type { Clock } from "../../door/clock.ts";
import type { Tx } from "../../door/tables.ts";
import { readCheckpoint, signCheckpoint } from "./checkpoint.ts";
import { findCheckpoint } from "./checkpoints.ts";
import { consistencyProof, type TreeHead, verifyConsistency } from "./merkle.ts";
import type { NoteSigner } from "./note.ts";
import { readSignerState, type SignerState, writeSignerState } from "./signer-state.ts";
import { readHead, tileStore } from "./store.ts";
import { tileNodeReader } from "./tiles.ts";

export interface SignerOptions {
  /** The signer of a log of this name; the same secret under each name. */
  readonly keyOf: (origin: string) => NoteSigner;
  /** The name of the log while nothing was signed yet: `shop.example/log`. */
  readonly origin: string;
  readonly stateFile: string;
  readonly read: Tx;
  /** Connections of `gatehouse_sequencer`. */
  readonly pool: Pool;
  readonly clock: Clock;
}

const HeadFacts = z.object({ size: z.number(), root: z.string() });

/** A fork as the head of the log keeps it, for the pages and for the next start. */
export const ForkFacts = z.object({
  /** `shrunk`: smaller than what was signed. `changed`: as large or larger, and not its continuation. */
  kind: z.enum(["shrunk", "changed"]),
  origin: z.string(),
  /** What was signed (or witnessed) last. */
  signed: HeadFacts,
  /** What the database held. */
  tree: HeadFacts,
  /** The name under which people may let the log go on. */
  successor: z.string(),
});
/** Why nothing is signed: the log is not the one that was signed or witnessed. */
export type Fork = z.output<typeof ForkFacts>;

export interface Signer {
  readonly origin: string;
  readonly key: NoteSigner["key"];
  readonly fork: Fork | undefined;
  /** Signs the tree as it is, after proving that it continues what was signed. Undefined while forked or when empty. */
  sign(): Promise<string | undefined>;
  /** A witness has seen a larger or another tree than ours: nothing is signed from here on. */
  contradicted(by: { size: number }): Promise<void>;
  /** Looks whether people have decided the fork; true when the log goes on under its new name. */
  recheck(): Promise<boolean>;
}

/**
 * Opens the signer: one for each key. It trusts its own state before the database, because a restored database is the
 * very thing it has to notice. Source: design "audit", checkpoints.
 */
export async function openSigner(options: SignerOptions): Promise<Signer> {
  const state = (await readSignerState(options.stateFile)) ?? (await firstState(options));
  const signer = new CheckedSigner(options, state, await undecidedFork(options.read, state.origin));
  await signer.recheck();
  return signer;
}

/** No state of our own. A database that has checkpoints of our key knows more than we do: go on from its newest. */
async function firstState({ keyOf, origin, read }: SignerOptions): Promise<SignerState> {
  const newest = await findCheckpoint(read, "newest");
  if (newest === undefined) return { origin, signed: null, predecessor: null };
  const { size, root } = readCheckpoint(Buffer.from(newest.note), keyOf(newest.origin).key);
  return {
    origin: newest.origin,
    signed: { size, root: root.toString("base64"), note: newest.note },
    predecessor: null,
  };
}

/** A fork that was found before this process started, by us or by a witness. */
async function undecidedFork(read: Tx, origin: string): Promise<Fork | undefined> {
  const { forked } = await read.selectFrom("audit.head").select("forked").executeTakeFirstOrThrow();
  const fork = ForkFacts.safeParse(forked);
  return fork.success && fork.data.origin === origin ? fork.data : undefined;
}

class CheckedSigner implements Signer {
  readonly #options: SignerOptions;
  #state: SignerState;
  #fork: Fork | undefined;
  #work: Promise<unknown> = Promise.resolve();

  constructor(options: SignerOptions, state: SignerState, fork: Fork | undefined) {
    this.#options = options;
    this.#state = state;
    this.#fork = fork;
  }

  get origin(): string {
    return this.#state.origin;
  }

  get key(): NoteSigner["key"] {
    return this.#options.keyOf(this.#state.origin).key;
  }

  get fork(): Fork | undefined {
    return this.#fork;
  }

  sign(): Promise<string | undefined> {
    return this.#alone(async () => {
      const head = await this.#continuation();
      if (head === undefined) return undefined;
      const { signed, origin } = this.#state;
      if (signed !== null && signed.size === head.size) {
        await this.#publish(signed.note, head); // a crash may have come between state and table
        return signed.note;
      }
      if (head.size === 0) return undefined;
      const note = await signCheckpoint(head, this.#options.keyOf(origin));
      // The state first: a signature that left and was forgotten is how two histories get signed.
      await this.#remember({
        ...this.#state,
        signed: { size: head.size, root: head.root.toString("base64"), note },
      });
      await this.#publish(note, head);
      return note;
    });
  }

  contradicted(by: { size: number }): Promise<void> {
    return this.#alone(async () => {
      const head = await readHead(this.#options.read);
      const kind = head.size < by.size ? "shrunk" : "changed";
      const root = this.#state.signed?.root ?? "";
      await this.#declare(kind, { size: by.size, root }, { size: head.size, root: head.root() });
    });
  }

  recheck(): Promise<boolean> {
    return this.#alone(async () => {
      if (this.#fork !== undefined && !(await this.#wasDecided(this.#fork))) return false;
      await this.#continuation();
      return this.#fork === undefined;
    });
  }

  /** The tree, if it is empty or begins with all that was signed; otherwise declares the fork. */
  async #continuation(): Promise<TreeHead | undefined> {
    if (this.#fork !== undefined) return undefined;
    const { read } = this.#options;
    const edge = await readHead(read);
    const head = { size: edge.size, root: edge.root() };
    const { signed } = this.#state;
    if (signed === null) return head;
    const before = { size: signed.size, root: Buffer.from(signed.root, "base64") };
    const nodes = tileNodeReader(tileStore(read), head.size);
    const goesOn =
      head.size >= before.size &&
      verifyConsistency(before, head, await consistencyProof(before.size, head.size, nodes));
    if (goesOn) return head;
    await this.#declare(head.size < before.size ? "shrunk" : "changed", signed, head);
    return undefined;
  }

  async #declare(kind: Fork["kind"], signed: { size: number; root: string }, tree: TreeHead): Promise<void> {
    if (this.#fork !== undefined) return;
    const { origin } = this.#state;
    this.#fork = {
      kind,
      origin,
      signed: { size: signed.size, root: signed.root },
      tree: { size: tree.size, root: tree.root.toString("base64") },
      successor: successorOf(origin),
    };
    // For the pages, and for the other processes.
    await this.#options.pool.query("UPDATE audit.head SET forked = $1", [JSON.stringify(this.#fork)]);
  }

  async #wasDecided(fork: Fork): Promise<boolean> {
    const { read, pool } = this.#options;
    const decided = await read
      .selectFrom("audit.fork")
      .select("new_origin")
      .where("old_origin", "=", fork.origin)
      .where("old_size", "=", BigInt(fork.signed.size))
      .where("new_origin", "=", fork.successor)
      .executeTakeFirst();
    if (decided === undefined) return false;
    const { size, root } = fork.signed;
    await this.#remember({
      origin: fork.successor,
      signed: null,
      predecessor: { origin: fork.origin, size, root },
    });
    this.#fork = undefined;
    await pool.query("UPDATE audit.head SET forked = NULL");
    return true;
  }

  async #remember(state: SignerState): Promise<void> {
    await writeSignerState(this.#options.stateFile, state);
    this.#state = state;
  }

  async #publish(note: string, { size, root }: TreeHead): Promise<void> {
    await this.#options.pool.query(
      `INSERT INTO audit.checkpoint (origin, size, root, note, signed_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT DO NOTHING`,
      [this.#state.origin, size, root, note, this.#options.clock.now()],
    );
  }

  /** One thing at a time: what was proved must still be so when it is signed. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#after(this.#work, work);
    this.#work = result.catch(() => undefined); // the caller hears of it
    return result;
  }

  async #after<T>(before: Promise<unknown>, work: () => Promise<T>): Promise<T> {
    await before;
    return await work();
  }
}

/** `shop.example/log`, `shop.example/log/2`, `shop.example/log/3` … */
export function successorOf(origin: string): string {
  const [, base = origin, number = "1"] = /^(.*?)\/(\d+)$/.exec(origin) ?? [];
  return `${base}/${Number(number) + 1}`;
}
