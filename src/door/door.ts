import type { Actor, Credential } from "./actor.ts";
import { requestApproval } from "./approvals.ts";
import type { AnyCommand, Command, Effect, Query, QueryContext, Reveal, RunContext } from "./command.ts";
import { commitWith, writeEvents } from "./commit.ts";
import { inputDigest, storedBytes } from "./digest.ts";
import type { Change, RequestFacts, StagedEvent } from "./event.ts";
import { keepDuties, mayUse, passStepUp } from "./gate.ts";
import { uuidv7 } from "./ids.ts";
import { param } from "./param.ts";
import { parseInput } from "./parse.ts";
import type { Policy } from "./policy.ts";
import type { Connection, DoorPorts, Sealer, SensitiveEvent } from "./ports.ts";
import { eventOf, type Passage, type Recording, recording } from "./recorder.ts";
import { type Issue, Refusal } from "./refusal.ts";
import { makeRelease } from "./release.ts";
import type { Tx } from "./tables.ts";
import { isRetryable, named, over } from "./transaction.ts";
import { sql } from "kysely";
import { z } from "zod";

/** How old a second factor may be where a gate says `fresh` without naming minutes. */
export const stepUpMinutes = param("step_up_minutes", z.number().int().min(1).max(60));

/** The job that delivers effects; woken with every command that leaves one. */
export const OUTBOX_JOB = "outbox.deliver";

/** The job that tells those who may answer a request; woken with every request. */
export const APPROVALS_JOB = "approvals.tell";

/** A whole transaction is tried again this often on serialization failures and deadlocks before it is `unavailable`. */
const ATTEMPTS = 5;

export interface ExecuteOptions {
  /** The same key, actor, command and input again gives the first result; another input under the key is a conflict. */
  idempotencyKey?: string;
  request?: RequestFacts;
}

export interface Done<R> {
  value: R;
  commandId: string;
  /** Id of the audit event that was written with it; null when an earlier result was given again. */
  event: string | null;
  replayed: boolean;
}

export interface Door {
  /** Passes a command. Throws a `Refusal` when the answer is no. */
  execute<I, R>(
    command: Command<I, R>,
    credential: Credential,
    input: unknown,
    options?: ExecuteOptions,
  ): Promise<Done<R>>;
  /** Commits the event of a look at plaintext, then opens it. */
  reveal<I, G, R>(
    reveal: Reveal<I, G, R>,
    credential: Credential,
    input: unknown,
    options?: ExecuteOptions,
  ): Promise<Done<R>>;
  /** Answers a query on the read-only connection. */
  ask<I, R>(query: Query<I, R>, credential: Credential, input: unknown, request?: RequestFacts): Promise<R>;
  /** Who a credential is right now; throws `denied` when it is nobody any more. */
  whoIs(credential: Credential): Promise<Actor>;
}

/** What is kept for a repeated key: the command, its value, or the request that waits in its place. */
type StoredResult = [command: string, value: unknown, pending: string | null];

/** What a run inside the transaction left for the commit. */
interface Ran<R> {
  value: R;
  events: StagedEvent[];
}

/**
 * The door. One function a passage, always in the order of the design: what, open, who, may, gate, do, tell.
 * It knows no module, no HTTP and no HTML; what it needs of the world comes through `ports`.
 */
export function createDoor(ports: DoorPorts): Door {
  /** One attempt. The connection is in pipeline mode: statements sent without waiting travel together. */
  async function attempt<R>(
    connection: Connection,
    command: AnyCommand,
    credential: Credential,
    input: unknown,
    options: ExecuteOptions,
    passage: { actor: Actor; policy: Policy | null },
  ): Promise<Done<R> & { granted?: unknown }> {
    const tx = over(connection);
    const now = ports.clock.now();
    const commandId = uuidv7(now.getTime());
    const digest = inputDigest(ports.sealer, command.name, input);
    const key = options.idempotencyKey ?? null;
    const { type, id } = claimed(credential);

    const [, inserted, actor, policy] = await all([
      connection.query("BEGIN"),
      connection.query(
        named(
          `INSERT INTO door.command (id, name, actor_type, actor_id, idempotency_key, input_digest)
           VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING 1`,
          [commandId, command.name, type, id, key, digest],
        ),
      ),
      ports.identify(tx, credential, true),
      ports.policy(tx),
    ]);
    passage.actor = actor;
    passage.policy = policy;
    if (!command.anonymous) mayUse(actor, command.name);
    const frozen = ports.frozen();
    if (frozen !== null && !command.whileFrozen) throw new Refusal("frozen", frozen);
    if (inserted.rowCount === 0) return await earlier<R>(connection, tx, command.name, type, id, key, digest);

    const outcome = await passGateAndRun<R>(tx, command, input, digest, {
      actor,
      policy,
      now,
      commandId,
      options,
    });
    if (key !== null && !command.shownOnce) {
      const result: StoredResult = [command.name, outcome.value ?? null, outcome.pending ?? null];
      const sealed = await ports.sealer.seal(tx, "door.result", storedBytes(result));
      await connection.query(named("UPDATE door.command SET result = $2 WHERE id = $1", [commandId, sealed]));
    }
    await commitWith(ports, connection, { id: commandId, name: command.name }, outcome.events);
    if (outcome.pending !== undefined) {
      throw new Refusal("pending-approval", "pending_approval", { approval: outcome.pending });
    }
    return { value: outcome.value, commandId, event: outcome.events[0]?.id ?? null, replayed: false };
  }

  async function passGateAndRun<R>(
    tx: Tx,
    command: AnyCommand,
    input: unknown,
    digest: Buffer,
    at: { actor: Actor; policy: Policy; now: Date; commandId: string; options: ExecuteOptions },
  ): Promise<Ran<R> & { pending?: string }> {
    const { actor, policy, now, commandId, options } = at;
    const target = command.target(input);
    await keepDuties(tx, policy, actor, command.name, target);
    const gate = command.anonymous ? ({ kind: "none" } as const) : policy.gate(command.name);
    const stepUpAt = await passStepUp(ports, tx, actor, gate, digest, now, policy.params(stepUpMinutes));
    if (gate.kind === "four-eyes") {
      if (target === null) throw new Error(`${command.name} asks for four eyes but names no target`);
      const request = await requestApproval(tx, ports.sealer, {
        command,
        input,
        digest,
        gate,
        actor,
        target,
        now,
      });
      await ports.wake(tx, APPROVALS_JOB, {});
      const event = eventOf(
        { at: now, actor, policy, request: options.request, commandId, correlation: { approval: request } },
        uuidv7(now.getTime()),
        {
          action: command.name,
          crud: command.crud,
          category: command.category,
          severity: command.severity,
          target: [{ type: target.type, id: target.id }],
          outcome: { result: "pending", code: "pending_approval" },
        },
      );
      // the caller gets no value: `pending` makes it a refusal after the commit
      return { value: undefined as R, events: [event], pending: request };
    }
    return await runInside<R>(tx, command, input, {
      actor,
      policy,
      request: options.request,
      commandId,
      at: now,
      stepUpAt,
    });
  }

  /** Runs a command whose actor may and whose gate is passed, and builds its events. */
  async function runInside<R>(
    tx: Tx,
    command: AnyCommand,
    input: unknown,
    passage: Passage & { policy: Policy },
  ): Promise<Ran<R>> {
    const { actor, policy, at: now } = passage;
    const target = command.target(input);
    const eventId = uuidv7(now.getTime());
    const made: Recording = recording(command, target === null ? null : { type: target.type, id: target.id });
    const nested: StagedEvent[] = [];
    const effects: Effect[] = [];
    const wakes: { job: string; payload: Record<string, string> }[] = [];
    const context: RunContext<unknown> = {
      ...ports.services(tx),
      tx,
      actor,
      input,
      commandId: passage.commandId,
      params: policy.params,
      record: made.recorder,
      effect: (effect) => void effects.push(effect),
      wake: (job, payload = {}) => void wakes.push({ job, payload }),
      perform: async (operation, innerInput, as, approval) => {
        const inner = await performApproved(tx, operation, innerInput, as, approval, passage);
        nested.push(...inner.events);
        return inner.value;
      },
      now,
      newId: () => uuidv7(now.getTime()),
    };
    // `run` is typed by the command's own schema, which `input` has passed
    const value = (await command.run(context)) as R;
    // Asked before, for a clear answer; and again now that `run` holds the object, because the other half of the duty
    // may have been on its way to its commit when it was asked first.
    await keepDuties(tx, policy, actor, command.name, target);

    for (const effect of effects) await queueEffect(tx, ports.sealer, passage.commandId, effect, now);
    if (effects.length > 0) wakes.push({ job: OUTBOX_JOB, payload: {} });
    // in one order: two transactions that wake the same jobs do not wait for each other in a circle
    wakes.sort((a, b) => (a.job < b.job ? -1 : a.job > b.job ? 1 : 0));
    for (const { job, payload } of wakes) await ports.wake(tx, job, payload);
    await remember(tx, policy, command.name, made, actor, now);
    const also = made.further.map((event) => ({ id: uuidv7(now.getTime()), ...event }));
    const committed = await commitments(tx, [
      { event: eventId, changes: made.sensitive },
      ...also.map(({ id, sensitive = [] }) => ({ event: id, changes: sensitive })),
    ]);
    const change = [...made.changes, ...(committed.get(eventId) ?? [])];
    const whole: Passage = {
      ...passage,
      onBehalfOf: made.onBehalfOf,
      correlation: { ...passage.correlation, ...made.correlation },
    };
    const main = eventOf(whole, eventId, {
      action: command.name,
      crud: command.crud,
      category: command.category,
      severity: made.severity,
      target: made.targets,
      outcome: { result: "success" },
      ...(change.length > 0 ? { change, fields: change.map((c) => c.field) } : {}),
      ...(made.purpose === undefined ? {} : { purpose: made.purpose }),
      ...(Object.keys(made.facts).length > 0 ? { facts: made.facts } : {}),
    });
    const further = also.map(({ id, sensitive: _, ...event }) => {
      const all = [...(event.change ?? []), ...(committed.get(id) ?? [])];
      return eventOf(whole, id, {
        severity: command.severity,
        ...event,
        ...(all.length > 0 ? { change: all } : {}),
        outcome: { result: "success" },
      });
    });
    return { value, events: [main, ...further, ...nested] };
  }

  /** The commitments of each event that mentions a person's data. */
  async function commitments(tx: Tx, events: readonly SensitiveEvent[]): Promise<Map<string, Change[]>> {
    const personal = events.filter(({ changes }) => changes.length > 0);
    const made = personal.length === 0 ? [] : await ports.commitments(tx, personal);
    return new Map(personal.map(({ event }, at) => [event, made[at] ?? []]));
  }

  /** Runs what somebody else asked for and enough people agreed to, in the transaction of the last agreement. */
  async function performApproved(
    tx: Tx,
    operation: string,
    input: unknown,
    requester: string,
    approval: string,
    passage: Passage & { policy: Policy },
  ): Promise<Ran<unknown>> {
    const command = ports.commands.get(operation);
    if (command === undefined || command.kind !== "command")
      throw new Refusal("unavailable", "operation_gone");
    const frozen = ports.frozen();
    if (frozen !== null && !command.whileFrozen) throw new Refusal("frozen", frozen);
    const actor = await ports.person(tx, requester);
    mayUse(actor, operation);
    const parsed: unknown = parseInput(command.input, input);
    await keepDuties(tx, passage.policy, actor, operation, command.target(parsed));
    // whoever agreed last has shown a factor for that; this is the requester's operation
    return await runInside(tx, command, parsed, {
      ...passage,
      actor,
      correlation: { approval },
      stepUpAt: undefined,
    });
  }

  async function earlier<R>(
    connection: Connection,
    tx: Tx,
    name: string,
    actorType: string,
    actorId: string,
    key: string | null,
    digest: Buffer,
  ): Promise<Done<R>> {
    const first = await tx
      .selectFrom("door.command")
      .select(["id", "name", "input_digest", "result"])
      .where("actor_type", "=", actorType)
      .where("actor_id", "=", actorId)
      .where("idempotency_key", "=", key)
      .executeTakeFirst();
    const same = first !== undefined && first.name === name && first.input_digest.equals(digest);
    if (!same) throw new Refusal("conflict", "idempotency_key");
    if (first.result === null) throw new Refusal("conflict", "shown_once");
    const bytes = await ports.sealer.unseal(tx, "door.result", first.result);
    await connection.query("ROLLBACK");
    // written by `attempt`
    const [, value, pending] = JSON.parse(bytes.toString()) as [string, R, string | null];
    if (pending !== null) throw new Refusal("pending-approval", "pending_approval", { approval: pending });
    return { value, commandId: first.id, event: null, replayed: true };
  }

  async function pass<R>(
    command: AnyCommand,
    credential: Credential,
    rawInput: unknown,
    options: ExecuteOptions,
  ): Promise<Done<R> & { input: unknown; actor: Actor }> {
    for (let attempts = 1; ; attempts += 1) {
      const connection = await connect(ports);
      const passage: { actor: Actor; policy: Policy | null } = {
        actor: unidentified(credential),
        policy: null,
      };
      let broken: Error | undefined;
      try {
        const input: unknown = parseInput(command.input, rawInput);
        const done = await attempt<R>(connection, command, credential, input, options, passage);
        return { ...done, input, actor: passage.actor };
      } catch (error) {
        if (isRetryable(error) && attempts < ATTEMPTS) {
          await rollBack(connection);
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 5 * 2 ** attempts));
          continue;
        }
        if (error instanceof Refusal && error.kind === "pending-approval") throw error;
        broken = await rollBack(connection);
        const refusal = refusalOf(error, command.name, options.request?.id);
        if (broken === undefined)
          broken = await writeRefusal(connection, command, rawInput, refusal, passage, options);
        throw refusal;
      } finally {
        connection.release(broken);
      }
    }
  }

  function refusalOf(error: unknown, command: string, request: string | undefined): Refusal {
    if (error instanceof Refusal) return error;
    if (isRetryable(error)) return new Refusal("unavailable", "busy", { retryAfter: 1, cause: error });
    ports.unexpected(error, command, request);
    return new Refusal("unavailable", "unexpected", { cause: error });
  }

  /** Denials and failures are written in a transaction of their own. Gives back the error when that failed too. */
  async function writeRefusal(
    connection: Connection,
    command: AnyCommand,
    rawInput: unknown,
    refusal: Refusal,
    passage: { actor: Actor; policy: Policy | null },
    options: ExecuteOptions,
  ): Promise<Error | undefined> {
    const now = ports.clock.now();
    const commandId = uuidv7(now.getTime());
    const denied =
      refusal.kind === "denied" || refusal.kind === "step-up-required" || refusal.kind === "throttled";
    const parsed = command.input.safeParse(rawInput);
    const target = parsed.success ? command.target(parsed.data) : null;
    const event = eventOf(
      { at: now, ...passage, request: options.request, commandId },
      uuidv7(now.getTime()),
      {
        action: command.name,
        crud: command.crud,
        category: command.category,
        severity: refusal.kind === "denied" ? 2 : refusal.code === "unexpected" ? 3 : 1,
        target: target === null ? [] : [{ type: target.type, id: target.id }],
        outcome: { result: denied ? "denied" : "failure", code: refusal.code },
        ...(refusal.details.issues === undefined ? {} : { fields: fieldsOf(refusal.details.issues) }),
      },
    );
    if (passage.actor.type === "anonymous" && !ports.log.admitsAnonymous(event)) return undefined;
    try {
      const actor = { actorType: passage.actor.type, actorId: passage.actor.id };
      await writeEvents(ports, connection, { id: commandId, name: command.name, ...actor }, [event]);
      return undefined;
    } catch (error) {
      ports.unexpected(error, command.name, options.request?.id);
      return error instanceof Error ? error : new Error("the refusal could not be written");
    }
  }

  return {
    execute: async (command, credential, input, options = {}) => {
      // parsed by the command's own schema; `pass` cannot name its result
      const { value, commandId, event, replayed } = await pass(
        command as AnyCommand,
        credential,
        input,
        options,
      );
      return { value: value as never, commandId, event, replayed };
    },

    reveal: async (reveal, credential, input, options = {}) => {
      const done = await pass<unknown>(reveal as AnyCommand, credential, input, options);
      if (done.event === null) throw new Refusal("conflict", "reveal_once");
      const granted = done.value as Parameters<typeof reveal.covers>[0]; // what its own `run` returned
      const policy = await ports.policy(ports.read);
      const context = {
        ...ports.services(ports.read),
        tx: ports.read,
        actor: done.actor,
        input: done.input,
        params: policy.params,
        now: ports.clock.now(),
        granted,
        release: makeRelease(done.event, reveal.covers(granted), reveal.terms(granted)),
      };
      const value = await reveal.open(context as Parameters<typeof reveal.open>[0]); // input parsed by its schema
      return { value, commandId: done.commandId, event: done.event, replayed: false };
    },

    ask: async (query, credential, input, request) => {
      const parsed = parseInput(query.input, input);
      const now = ports.clock.now();
      const [actor, policy] = await all([
        ports.identify(ports.read, credential, false),
        ports.policy(ports.read),
      ]);
      const passage = { at: now, actor, policy, request, commandId: uuidv7(now.getTime()) };
      if (!actor.permissions.has(query.name)) {
        await appendLook(ports, actor, deniedLook(passage, query));
        mayUse(actor, query.name);
      }
      const context: QueryContext<typeof parsed> = {
        ...ports.services(ports.read),
        tx: ports.read,
        actor,
        input: parsed,
        params: policy.params,
        now,
      };
      const result = await query.run(context);
      const look = query.logged?.(parsed, result) ?? null;
      if (look !== null) {
        await appendLook(
          ports,
          actor,
          eventOf(
            { at: now, actor, policy, request, commandId: uuidv7(now.getTime()) },
            uuidv7(now.getTime()),
            {
              action: query.name,
              crud: "r",
              category: query.category,
              severity: 1,
              outcome: { result: "success" },
              ...look,
            },
          ),
        );
      }
      return result;
    },

    whoIs: (credential) => ports.identify(ports.read, credential, false),
  };
}

/** The refused fields, for the log. A name that no schema knows was typed by somebody and may be anything. */
function fieldsOf(issues: readonly Issue[]): string[] {
  return [...new Set(issues.map(({ path, code }) => (code === "unknown" ? "?" : path)))].slice(0, 20);
}

/** A look that was refused: for the log, not for the answer. */
function deniedLook(passage: Passage, query: { name: string; category: string }): StagedEvent {
  return eventOf(passage, uuidv7(passage.at.getTime()), {
    action: query.name,
    crud: "r",
    category: query.category,
    severity: 2,
    target: [],
    outcome: { result: "denied", code: passage.actor.type === "anonymous" ? "sign_in" : "permission" },
  });
}

/** The narrow writer for opened searches and pages: one event, no change. */
async function appendLook(ports: DoorPorts, actor: Actor, event: StagedEvent): Promise<void> {
  const connection = await connect(ports);
  let broken: Error | undefined;
  try {
    const command = { id: uuidv7(), name: event.action, actorType: actor.type, actorId: actor.id };
    await writeEvents(ports, connection, command, [event]);
  } catch (cause) {
    broken = cause instanceof Error ? cause : new Error("the event could not be written");
    throw new Refusal("unavailable", "log_unavailable", { cause });
  } finally {
    connection.release(broken);
  }
}

async function connect(ports: DoorPorts): Promise<Connection> {
  try {
    return await ports.write.connect();
  } catch (cause) {
    throw new Refusal("unavailable", "database", { retryAfter: 2, cause });
  }
}

async function rollBack(connection: Connection): Promise<Error | undefined> {
  try {
    await connection.query("ROLLBACK");
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error("rollback failed");
  }
}

/** Effects wait in the outbox, sealed: a mail holds an address. */
async function queueEffect(
  tx: Tx,
  sealer: Sealer,
  commandId: string,
  effect: Effect,
  now: Date,
): Promise<void> {
  const body = await sealer.seal(tx, "door.outbox", Buffer.from(JSON.stringify(effect.body)));
  await tx
    .insertInto("door.outbox")
    .values({
      id: uuidv7(now.getTime()),
      command_id: commandId,
      kind: effect.kind,
      body,
      due_at: now,
      created_at: now,
    })
    .execute();
}

/** What the duties of policy will ask: the actor's deeds, and those of people on whose work a service carries on. */
async function remember(
  tx: Tx,
  policy: Policy,
  command: string,
  made: Recording,
  actor: Actor,
  now: Date,
): Promise<void> {
  const own = made.targets.map((target) => ({ command, person: actor.id, target }));
  const deeds = [...own, ...made.deeds].filter((deed) => policy.remembers(deed.command));
  if (deeds.length === 0) return;
  await sql`
    INSERT INTO door.deed (command, target_type, target_id, actor_id, at)
    SELECT DISTINCT deed.*, ${now}::timestamptz FROM unnest(
      ${deeds.map((deed) => deed.command)}::text[], ${deeds.map((deed) => deed.target.type)}::text[],
      ${deeds.map((deed) => deed.target.id)}::text[], ${deeds.map((deed) => deed.person)}::text[]) AS deed
    ON CONFLICT (target_type, target_id, command, actor_id) DO UPDATE SET at = excluded.at`.execute(tx);
}

/** Before the lookup: who the credential says it is. Only for the command row and for the log of a refused lookup. */
function claimed(credential: Credential): { type: string; id: string } {
  if (credential.type === "session") return { type: "user", id: credential.person };
  if (credential.type === "scheduler") return { type: "scheduler", id: credential.job };
  if (credential.type === "operator") return { type: "operator", id: credential.osUser };
  return { type: "anonymous", id: "anonymous" };
}

function unidentified(credential: Credential): Actor {
  const { type, id } = claimed(credential);
  const known = credential.type === "session" ? "user" : credential.type;
  return {
    type: known,
    id,
    display: type,
    roles: [],
    permissions: new Set(),
    assurance: null,
    breakGlass: null,
    language: "zh-CN",
  };
}

/** Waits for all, also when one fails: nothing may still be on the wire when the connection goes back. */
async function all<T extends readonly unknown[]>(
  promises: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> {
  const settled = await Promise.allSettled(promises);
  for (const s of settled as readonly PromiseSettledResult<unknown>[])
    if (s.status === "rejected") throw s.reason;
  // every element is fulfilled, in the order of the promises
  return settled.map((s) => (s as PromiseFulfilledResult<unknown>).value) as unknown as T;
}
