import type { z } from "zod";
import type { Actor } from "./actor.ts";
import type { Change, ChangeValue, Crud, Severity, Target } from "./event.ts";
import type { Params } from "./param.ts";
import type { SensitiveChange, StoredValue } from "./ports.ts";
import type { Release, ReleaseTerms } from "./release.ts";
import type { Tx } from "./tables.ts";

/**
 * What the platform lends to commands and queries (the vault, for one). Filled by declaration merging, so that the
 * door hands things through without knowing them.
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- filled by `declare module` in platform
export interface Services {}

/** Names the object a command acts on. `version` is the one the person saw, for four-eyes requests. */
export interface TargetOf {
  type: string;
  id: string;
  version?: number;
}

/** Adds to the event that the door will write. Call as often as there is something to say. */
export interface Recorder {
  /** A changed field that is no personal data. Nothing is recorded when before and after are equal. */
  change(field: string, before: ChangeValue, after: ChangeValue): void;
  /** A changed field that is: only salted commitments to the values enter the log, made inside the vault. */
  sensitive(field: string, before: StoredValue | null, after: StoredValue): void;
  /** A field that was looked at, so that the log finds the event by it as it finds a change of it. */
  field(name: string): void;
  /** A small fact: a count, a state. Never personal data. */
  fact(name: string, value: string | number | boolean | null): void;
  /** A further object the command touched, or the target itself once its id is known. */
  target(target: Target): void;
  /** Purpose and ticket of a look at personal data. */
  purpose(code: string, ticket?: string): void;
  severity(severity: Severity): void;
  correlate(ids: { incident?: string; import?: string; approval?: string }): void;
  /** A further event of the same transaction: one member of an imported batch, say. */
  also(event: FurtherEvent): void;
  /** The person for whom a service acts here, by id: named in every event of the passage. */
  onBehalfOf(person: string): void;
  /**
   * Remembers that a person did `command` to an object that a service touches now, as the duties of policy ask: whoever
   * started an import wrote its members, though a job carries it out.
   */
  did(deed: Deed): void;
}

/** Who did which command to what. */
export interface Deed {
  command: string;
  person: string;
  target: { type: string; id: string };
}

/** An event beside the command's own, in the same transaction and by the same actor. */
export interface FurtherEvent {
  action: string;
  crud: Crud;
  category: string;
  severity?: Severity;
  target: Target[];
  fields?: string[];
  change?: Change[];
  /** Changed fields of persons. Those of all events of a passage are committed to at once. */
  sensitive?: readonly SensitiveChange[];
  facts?: Record<string, string | number | boolean | null>;
}

/** An effect on the outside: written with the change, delivered after the commit, at least once. */
export interface Effect {
  kind: string;
  body: unknown;
}

export type RunContext<I> = {
  tx: Tx;
  actor: Actor;
  input: I;
  /** The command's id, from the request or made by the door. */
  commandId: string;
  params: Params;
  record: Recorder;
  /** Queues an effect on the outside (mail, webhook) in this transaction. */
  effect(effect: Effect): void;
  /** Wakes a job after the commit. A wake-up only: the truth is in the tables. */
  wake(job: string, payload?: Record<string, string>): void;
  /**
   * Runs what `requester` asked for and others approved, in this transaction and with an event of its own. For
   * `approvals.decide` and runbook steps: the approval has been locked and counted by the caller.
   */
  perform(operation: string, input: unknown, requester: string, approval: string): Promise<unknown>;
  now: Date;
  newId(): string;
} & Services;

interface Declaration<S extends z.ZodType> {
  /** Dotted and stable: also the permission and the audit action. */
  name: string;
  /** A strict object: unknown keys are refused, not dropped. */
  input: S;
  /** The kind of change, for the log. Default "u". */
  crud?: Crud;
  /** The log's category, which decides how long its events are kept. Default: the name's first part. */
  category?: string;
  severity?: Severity;
  /** Works while the console is frozen: signing in and out, and what ends the freeze. */
  whileFrozen?: boolean;
  /** Its result holds a secret that is shown once: it is not kept for a repeated key, which gets a conflict instead. */
  shownOnce?: boolean;
  /** The least gate that any policy has to put before it: what must not become easy by an edited file. */
  gateAtLeast?: "step-up" | "four-eyes";
  /** Where whoever asked finds what came of it, once others agreed: the path of a page, given the target's id. */
  resultAt?: (target: string) => string;
  /** How people know its targets (a number, a login), by id, for those who are asked to agree. Never personal data. */
  labels?: LabelsOf;
}

/** Short names of objects by id; an object that is not there has none. */
export type LabelsOf = (tx: Tx, ids: readonly string[]) => Promise<ReadonlyMap<string, string>>;

export interface Command<I = unknown, R = unknown> {
  kind: "command";
  name: string;
  input: z.ZodType<I>;
  crud: Crud;
  category: string;
  severity: Severity;
  /** Callable without signing in: sign-in itself, invitations, first set-up. */
  anonymous: boolean;
  whileFrozen: boolean;
  shownOnce: boolean;
  gateAtLeast: "none" | "step-up" | "four-eyes";
  resultAt: ((target: string) => string) | undefined;
  labels: LabelsOf | undefined;
  target(input: I): TargetOf | null;
  run(context: RunContext<I>): Promise<R>;
  /** What the approver reads: counts and names that are no personal data. */
  preview?:
    | ((context: QueryContext<I>) => Promise<Record<string, string | number | boolean | null>>)
    | undefined;
}

/**
 * Declares a write, as data plus one function. The door does everything else: schema, identity, permission, gate,
 * transaction, event.
 */
export function command<S extends z.ZodType, R>(
  declaration: Declaration<S> & {
    anonymous?: boolean;
    target?: (input: z.output<S>) => TargetOf | null;
    run: (context: RunContext<z.output<S>>) => Promise<R>;
    preview?: (
      context: QueryContext<z.output<S>>,
    ) => Promise<Record<string, string | number | boolean | null>>;
  },
): Command<z.output<S>, R> {
  return {
    kind: "command",
    name: declaration.name,
    // a schema's input may differ from its output (trimmed strings); the door only ever asks for the output
    input: declaration.input as z.ZodType<z.output<S>>,
    crud: declaration.crud ?? "u",
    category: declaration.category ?? firstPart(declaration.name),
    severity: declaration.severity ?? 1,
    anonymous: declaration.anonymous ?? false,
    whileFrozen: declaration.whileFrozen ?? false,
    shownOnce: declaration.shownOnce ?? false,
    gateAtLeast: declaration.gateAtLeast ?? "none",
    resultAt: declaration.resultAt,
    labels: declaration.labels,
    target: declaration.target ?? (() => null),
    run: declaration.run,
    preview: declaration.preview,
  };
}

export type QueryContext<I> = {
  /** Read-only: its database role cannot write. */
  tx: Tx;
  actor: Actor;
  input: I;
  params: Params;
  now: Date;
} & Services;

export interface Query<I = unknown, R = unknown> {
  kind: "query";
  name: string;
  input: z.ZodType<I>;
  category: string;
  /** The event this look leaves, where policy wants searches and pages logged; null leaves none. */
  logged: ((input: I, result: R) => LookEvent | null) | null;
  run(context: QueryContext<I>): Promise<R>;
}

/** What an opened search or page leaves in the log. */
export interface LookEvent {
  target: Target[];
  facts?: Record<string, string | number | boolean | null>;
}

/** Declares a read. It runs on the read-only connection, under the permission of its name. */
export function query<S extends z.ZodType, R>(declaration: {
  name: string;
  input: S;
  category?: string;
  logged?: (input: z.output<S>, result: R) => LookEvent | null;
  run: (context: QueryContext<z.output<S>>) => Promise<R>;
}): Query<z.output<S>, R> {
  return {
    kind: "query",
    name: declaration.name,
    input: declaration.input as z.ZodType<z.output<S>>, // as in `command`
    category: declaration.category ?? firstPart(declaration.name),
    logged: declaration.logged ?? null,
    run: declaration.run,
  };
}

/**
 * A look at plaintext. `run` checks, takes the budget and says what may be opened; its event commits; only then
 * `open` is called, with a release for exactly those fields. If the event cannot be written, nothing is shown.
 */
export interface Reveal<I = unknown, G = unknown, R = unknown> extends Omit<Command<I, G>, "kind"> {
  kind: "reveal";
  /** The fields that `run` granted. */
  covers(granted: G): readonly FieldRef[];
  /** Recipient of a disclosure; legal basis for a restricted key. */
  terms(granted: G): ReleaseTerms;
  open(context: OpenContext<I, G>): Promise<R>;
}

/** One stored field of one row. */
export interface FieldRef {
  table: string;
  column: string;
  rowId: string;
}

export type OpenContext<I, G> = QueryContext<I> & { granted: G; release: Release };

/** Declares a reveal (to a person on a screen) or a disclosure (to a named recipient). */
export function reveal<S extends z.ZodType, G, R>(
  declaration: Declaration<S> & {
    target?: (input: z.output<S>) => TargetOf | null;
    run: (context: RunContext<z.output<S>>) => Promise<G>;
    covers: (granted: G) => readonly FieldRef[];
    terms?: (granted: G) => ReleaseTerms;
    open: (context: OpenContext<z.output<S>, G>) => Promise<R>;
    preview?: (
      context: QueryContext<z.output<S>>,
    ) => Promise<Record<string, string | number | boolean | null>>;
  },
): Reveal<z.output<S>, G, R> {
  const base = command({ crud: "r", severity: 2, ...declaration });
  return {
    ...base,
    kind: "reveal",
    covers: declaration.covers,
    terms: declaration.terms ?? (() => ({})),
    open: declaration.open,
  };
}

function firstPart(name: string): string {
  return name.split(".")[0] ?? name;
}

/** Any command, for lists. The door checks the input by the command's own schema before `run` sees it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a list of commands of different inputs has no other type
export type AnyCommand = Command<any, any> | Reveal<any, any, any>;
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
export type AnyQuery = Query<any, any>;
