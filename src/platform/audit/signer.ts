import type { Pool } from "pg";
import { z } from "zod";
import type { Clock } from "../../door/clock.ts";
import type { Tx } from "../../door/tables.ts";
import { readCheckpoint, signCheckpoint } from "./checkpoint.ts";
import { findCheckpoint, newestCosigned } from "./checkpoints.ts";
import type { TreeHead } from "./merkle.ts";
import type { NoteSigner } from "./note.ts";
import { readSignerState, type SignerState, writeSignerState } from "./signer-state.ts";
import { goesOn, readHead } from "./store.ts";

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
  /** What was signed last under this name: for asking a witness whether it has seen more. */
  readonly lastNote: string | undefined;
  /** Signs the tree as it is, after proving that it continues what was signed. Undefined while forked or when empty. */
  sign(): Promise<string | undefined>;
  /** A witness has shown a larger or another tree that we signed: nothing is signed from here on. */
  contradicted(by: TreeHead): Promise<void>;
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
  await signer.republish();
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

  get lastNote(): string | undefined {
    return this.#state.signed?.note;
  }

  sign(): Promise<string | undefined> {
    return this.#alone(async () => {
      const head = await this.#continuation();
      if (head === undefined) return undefined;
      const { signed, origin } = this.#state;
      if (signed !== null && signed.size === head.size) {
        await this.#publish(signed.note, head); // it may have failed when it was signed
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

  contradicted(by: TreeHead): Promise<void> {
    return this.#alone(async () => {
      const head = await readHead(this.#options.read);
      await this.#declare(by, { size: head.size, root: head.root() });
    });
  }

  /** A crash may have come between state and table: what we signed stands in both. */
  republish(): Promise<void> {
    return this.#alone(async () => {
      const { signed } = this.#state;
      if (signed === null || this.#fork !== undefined) return;
      await this.#publish(signed.note, { size: signed.size, root: Buffer.from(signed.root, "base64") });
    });
  }

  recheck(): Promise<boolean> {
    return this.#alone(async () => {
      await this.#forgetDecided();
      if (this.#fork !== undefined && !(await this.#wasDecided(this.#fork))) return false;
      await this.#continuation();
      return this.#fork === undefined;
    });
  }

  /**
   * The tree, if it begins with all that was signed and with all that a witness is known to have seen; otherwise
   * declares the fork. Both, because the state file may be older than the database: a restored disk takes it along.
   */
  async #continuation(): Promise<TreeHead | undefined> {
    if (this.#fork !== undefined) return undefined;
    const { read } = this.#options;
    const edge = await readHead(read);
    const head = { size: edge.size, root: edge.root() };
    for (const before of await this.#promised()) {
      if (await goesOn(read, before, head)) continue;
      await this.#declare(before, head);
      return undefined;
    }
    return head;
  }

  /** The trees that ours has to begin with: what we signed last, and the newest that a witness cosigned. */
  async #promised(): Promise<TreeHead[]> {
    const { signed, origin } = this.#state;
    const note = await newestCosigned(this.#options.read, origin);
    return [
      ...(signed === null ? [] : [{ size: signed.size, root: Buffer.from(signed.root, "base64") }]),
      ...(note === undefined ? [] : [readCheckpoint(Buffer.from(note), this.key)]),
    ];
  }

  async #declare(signed: TreeHead, tree: TreeHead): Promise<void> {
    if (this.#fork !== undefined) return;
    const { origin } = this.#state;
    this.#fork = {
      kind: tree.size < signed.size ? "shrunk" : "changed",
      origin,
      signed: { size: signed.size, root: signed.root.toString("base64") },
      tree: { size: tree.size, root: tree.root.toString("base64") },
      successor: successorOf(origin),
    };
    // For the pages, and for the other processes.
    await this.#options.pool.query("UPDATE audit.head SET forked = $1", [JSON.stringify(this.#fork)]);
  }

  async #wasDecided(fork: Fork): Promise<boolean> {
    const { read } = this.#options;
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
    await this.#forgetDecided();
    return true;
  }

  /** A fork of the log that ours succeeded is decided. A kill may have come between our state and the head. */
  async #forgetDecided(): Promise<void> {
    const { predecessor } = this.#state;
    if (predecessor === null) return;
    const { pool } = this.#options;
    await pool.query("UPDATE audit.head SET forked = NULL WHERE forked->>'origin' = $1", [
      predecessor.origin,
    ]);
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
