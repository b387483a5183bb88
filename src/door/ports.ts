import type { Actor, Identify } from "./actor.ts";
import type { AnyCommand, FieldRef, Services } from "./command.ts";
import type { Change, StagedEvent } from "./event.ts";
import type { Clock } from "./clock.ts";
import type { Policy } from "./policy.ts";
import type { Tx } from "./tables.ts";

/** One connection of the write pool, in pipeline mode: what is sent at once travels at once. Shape of `pg.PoolClient`. */
export interface Connection {
  query(statement: Statement | string): Promise<Result>;
  release(destroy?: boolean | Error): void;
}

export interface Statement {
  /** Named statements are parsed and planned once a connection. */
  name?: string;
  text: string;
  values: unknown[];
}

export interface Result {
  command: string;
  rowCount: number | null;
  rows: Record<string, unknown>[];
}

/** The only write connections there are. Handed to the door by the composition root, and to nobody else. */
export interface WritePool {
  connect(): Promise<Connection>;
}

/** A statement that puts events into the stage, and what to do once its fate is known. */
export interface Staging {
  statement: Statement;
  committed(): void;
  /** The transaction did not commit: its numbers will be closed by a void event. */
  lost(): void;
}

/** The log, as the door needs it. */
export interface EventLog {
  prepare(events: readonly StagedEvent[]): Staging;
  /** False when anonymous failures of this kind are so many a minute that they are only counted now. */
  admitsAnonymous(event: StagedEvent): boolean;
}

/** Envelopes and keyed digests of the door's own data: approval payloads, idempotent results, outbox bodies. */
export interface Sealer {
  seal(tx: Tx, label: string, plain: Buffer): Promise<string>;
  unseal(tx: Tx, label: string, sealed: string): Promise<Buffer>;
  /** HMAC-SHA-256 under a key of its own for the label. */
  digest(label: string, bytes: Buffer): Buffer;
}

/** A value of a person as it is stored, with its place. The door hands it to the vault and opens nothing. */
export interface StoredValue extends FieldRef {
  /** Whose value it is: their key guards it, here and beside the log. */
  subject: string;
  type: string;
  /** Null for an empty field. */
  envelope: string | null;
}

/** A changed field of a person, before it becomes a pair of commitments. */
export interface SensitiveChange {
  field: string;
  /** Null where there was no row yet. */
  before: StoredValue | null;
  after: StoredValue;
}

/** The changed fields of persons that one event mentions. */
export interface SensitiveEvent {
  event: string;
  changes: readonly SensitiveChange[];
}

export interface DoorPorts {
  write: WritePool;
  /** Read-only, by its database role. */
  read: Tx;
  identify: Identify;
  /** The actor that a person would be right now, without a session: for approvals that run what somebody else asked for. */
  person(tx: Tx, id: string): Promise<Actor>;
  /** The rules in force by database time. */
  policy(tx: Tx): Promise<Policy>;
  log: EventLog;
  sealer: Sealer;
  /** Stores salt and value of each change under its owner's key, and gives the commitments of each event, in their order. */
  commitments(tx: Tx, events: readonly SensitiveEvent[]): Promise<Change[][]>;
  /** Uses up a bound step-up of this session for this digest: when it was shown; null when there is none. */
  useStepUp(tx: Tx, actor: Actor, digest: Buffer): Promise<Date | null>;
  /** Wakes a job, in the transaction. */
  wake(tx: Tx, job: string, payload: Record<string, string>): Promise<void>;
  /** A code when nothing may change now (a log that is not what was witnessed, read-only mode); null otherwise. */
  frozen(): string | null;
  services(tx: Tx): Services;
  commands: ReadonlyMap<string, AnyCommand>;
  clock: Clock;
  /** Called with errors that are no refusals, for the operator's log. */
  unexpected(error: unknown, command: string, request: string | undefined): void;
}
