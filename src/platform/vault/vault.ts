import { createSecretKey } from "node:crypto";
import type { Clock } from "../../door/clock.ts";
import type { Release } from "../../door/release.ts";
import type { SealedCell } from "./address.ts";
import { aggregateAll, type Grouping } from "./aggregate.ts";
import { type Tokenise, tokeniser } from "./blind-index.ts";
import {
  type Commitment,
  type CommitmentDetail,
  type CommitmentPlace,
  type Committable,
  commitAll,
  revealDetails,
} from "./commitments.ts";
import type { Executor } from "./database.ts";
import type { KeyAccess, KeyWanted } from "./data-keys.ts";
import { SealError } from "./errors.ts";
import {
  declareIndexes,
  type IndexDeclaration,
  type IndexDefinition,
  type IndexName,
  readIndexes,
  sameIndex,
} from "./index-definitions.ts";
import { type Comparison, type Masked, maskAll, matchAll, sameAll } from "./inside.ts";
import { keyCache } from "./key-cache.ts";
import { restrictKey, shredKey } from "./key-life.ts";
import { type Protectable, protectAll } from "./protect.ts";
import type { KekProvider, ProviderDescription, SecretRoot } from "./provider.ts";
import { discloseAll, revealAll } from "./release-cells.ts";
import { beginRotation, readRotations, type Rotation, rotationStep } from "./rotation.ts";
import { keyedDigest, sealSystem, unsealSystem } from "./system-seal.ts";
import type { Statistics } from "./suppress.ts";
import type { Transform } from "./transforms.ts";

/**
 * The vault. Every function takes the connection to work on: the door's transaction to write, a read-only one to read.
 * Lists of cells cost one statement, whatever their length, and answers come in the order of the cells.
 */
export interface Vault {
  /** Seals one value. `Refusal` frozen when the person's key is restricted or shredded. */
  protect(tx: Executor, value: Protectable): Promise<string>;
  protectAll(tx: Executor, values: readonly Protectable[]): Promise<string[]>;

  // Plaintext stays inside.
  mask(db: Executor, cells: readonly SealedCell[]): Promise<Masked[]>;
  match(db: Executor, cells: readonly SealedCell[], transform: Transform, value: string): Promise<boolean[]>;
  /** Which cells hold exactly the value beside them. */
  same(db: Executor, comparisons: readonly Comparison[]): Promise<boolean[]>;
  /** Counts by group, with groups under `smallest` people hidden, and what does not open among them as `unknown`. */
  aggregate(
    db: Executor,
    batches: AsyncIterable<readonly SealedCell[]> | Iterable<readonly SealedCell[]>,
    by: Grouping,
    smallest: number,
  ): Promise<Statistics>;

  // Plaintext leaves, behind the committed event.
  reveal(db: Executor, release: Release, cells: readonly SealedCell[]): Promise<(string | null)[]>;
  disclose(
    db: Executor,
    release: Release,
    recipient: string,
    cells: readonly SealedCell[],
  ): Promise<(string | null)[]>;

  /** Reads the definitions once, and gives the index of each current one by name. */
  indexes(db: Executor): Promise<(name: IndexName) => Tokenise>;
  indexDefinitions(db: Executor): Promise<IndexDefinition[]>;
  declareIndexes(tx: Executor, declarations: readonly IndexDeclaration[]): Promise<void>;

  // The program's own secrets and the log's commitments.
  seal(tx: Executor, label: string, plain: Uint8Array, id?: string): Promise<string>;
  unseal(db: Executor, label: string, sealed: string, id?: string): Promise<Buffer>;
  digest(label: string, bytes: Uint8Array): Buffer;
  commit(tx: Executor, values: readonly Committable[]): Promise<(Commitment | null)[]>;
  revealDetails(
    db: Executor,
    release: Release,
    details: readonly (CommitmentPlace & { detail: string })[],
  ): Promise<CommitmentDetail[]>;

  // The life of keys.
  restrict(tx: Executor, key: KeyWanted): Promise<string | null>;
  shred(tx: Executor, key: KeyWanted): Promise<string | null>;
  beginRotation(tx: Executor): Promise<Rotation>;
  rotationStep(tx: Executor, id: string): Promise<Rotation>;
  rotations(db: Executor): Promise<Rotation[]>;
  describe(): ProviderDescription;
}

/** Opens the vault over a provider of KEKs. Holds no state that another process would have to know. */
export function openVault(provider: KekProvider & SecretRoot, clock: Clock): Vault {
  const access: KeyAccess = { provider, cache: keyCache(clock), clock };
  const digestKey = createSecretKey(provider.derive("digest"));
  const indexRoot = createSecretKey(provider.derive("index"));

  return {
    protect: async (tx, value) => single(await protectAll(access, tx, [value])),
    protectAll: async (tx, values) => await protectAll(access, tx, values),

    mask: async (db, cells) => await maskAll(access, db, cells),
    match: async (db, cells, transform, value) => await matchAll(access, db, cells, transform, value),
    same: async (db, comparisons) => await sameAll(access, db, comparisons),
    aggregate: async (db, batches, by, smallest) => await aggregateAll(access, db, batches, by, smallest),

    reveal: async (db, release, cells) => await revealAll(access, db, release, cells),
    disclose: async (db, release, recipient, cells) =>
      await discloseAll(access, db, release, recipient, cells),

    async indexes(db) {
      const current = (await readIndexes(db)).filter((index) => index.state === "current");
      return (name) => {
        const found = current.find((index) => sameIndex(index, name));
        if (found === undefined)
          throw new Error(`no index ${name.transform} over ${name.table}.${name.column} is declared`);
        return tokeniser(indexRoot, found);
      };
    },
    indexDefinitions: readIndexes,
    declareIndexes: async (tx, declarations) => await declareIndexes(tx, clock, declarations),

    seal: async (tx, label, plain, id) => await sealSystem(access, tx, label, plain, id),
    unseal: async (db, label, sealed, id) => await unsealSystem(access, db, label, sealed, id),
    digest: (label, bytes) => keyedDigest(digestKey, label, bytes),
    commit: async (tx, values) => await commitAll(access, tx, values),
    revealDetails: async (db, release, details) => await revealDetails(access, db, release, details),

    restrict: restrictKey,
    shred: async (tx, key) => await shredKey(tx, clock, key),
    beginRotation: async (tx) => await beginRotation(provider, tx, clock),
    rotationStep: async (tx, id) => await rotationStep(provider, tx, clock, id),
    rotations: async (db) => await readRotations(db),
    describe: () => provider.describe(),
  };
}

function single<T>(list: readonly T[]): T {
  const [only] = list;
  if (only === undefined) throw new SealError();
  return only;
}
