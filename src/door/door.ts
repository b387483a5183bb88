import { z } from "zod";
import type { Actor, Credential } from "./actor.ts";
import { requestApproval } from "./approvals.ts";
import { claimed, unidentified } from "./claimed.ts";
import type { AnyCommand, Command, Query, Reveal } from "./command.ts";
import { commitWith } from "./commit.ts";
import { all, connect, rollBack } from "./connection.ts";
import { inputDigest, storedBytes } from "./digest.ts";
import type { RequestFacts } from "./event.ts";
import { keepDuties, mayUse, passStepUp } from "./gate.ts";
import { uuidv7 } from "./ids.ts";
import { look } from "./look.ts";
import { param } from "./param.ts";
import { parseInput } from "./parse.ts";
import type { Policy } from "./policy.ts";
import type { Connection, DoorPorts } from "./ports.ts";
import { eventOf } from "./recorder.ts";
import { Refusal } from "./refusal.ts";
import { refusalOf, writeRefusal } from "./refused.ts";
import { makeRelease } from "./release.ts";
import { type Ran, runInside } from "./run.ts";
import type { Tx } from "./tables.ts";
import { isRetryable, named, over } from "./transaction.ts";

/** How old a second factor may be where a gate says `fresh` without naming minutes. */
export const stepUpMinutes = param("step_up_minutes", z.number().int().min(1).max(60));

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
    const asked = { command: command.name, digest };
    const stepUpAt = await passStepUp(ports, tx, actor, gate, asked, now, policy.params(stepUpMinutes));
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
    return await runInside<R>(ports, tx, command, input, {
      actor,
      policy,
      request: options.request,
      commandId,
      at: now,
      stepUpAt,
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
        const refusal = refusalOf(ports, error, command.name, options.request?.id);
        if (broken === undefined)
          broken = await writeRefusal(
            ports,
            connection,
            command,
            rawInput,
            refusal,
            passage,
            options.request,
          );
        throw refusal;
      } finally {
        connection.release(broken);
      }
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

    ask: async (query, credential, input, request) => await look(ports, query, credential, input, request),

    whoIs: (credential) => ports.identify(ports.read, credential, false),
  };
}
