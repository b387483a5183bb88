import type { Actor } from "./actor.ts";
import type { AnyCommand, Effect, RunContext } from "./command.ts";
import type { Change, StagedEvent } from "./event.ts";
import { keepDuties, mayUse } from "./gate.ts";
import { uuidv7 } from "./ids.ts";
import { parseInput } from "./parse.ts";
import type { Policy } from "./policy.ts";
import type { DoorPorts, Sealer, SensitiveEvent } from "./ports.ts";
import { eventOf, type Passage, type Recording, recording } from "./recorder.ts";
import { Refusal } from "./refusal.ts";
import type { Tx } from "./tables.ts";
import { sql } from "kysely";

/** The job that delivers effects; woken with every command that leaves one. */
export const OUTBOX_JOB = "outbox.deliver";

/** What a run inside the transaction left for the commit. */
export interface Ran<R> {
  value: R;
  events: StagedEvent[];
}

/** Runs a command whose actor may and whose gate is passed, and builds its events. */
export async function runInside<R>(
  ports: DoorPorts,
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
      const inner = await performApproved(ports, tx, operation, innerInput, as, approval, passage);
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
  const committed = await commitments(ports, tx, [
    { event: eventId, changes: made.sensitive },
    ...also.map(({ id, sensitive = [] }) => ({ event: id, changes: sensitive })),
  ]);
  const change = [...made.changes, ...(committed.get(eventId) ?? [])];
  const fields = [...new Set([...change.map((c) => c.field), ...made.fields])];
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
    ...(change.length > 0 ? { change } : {}),
    ...(fields.length > 0 ? { fields } : {}),
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
async function commitments(
  ports: DoorPorts,
  tx: Tx,
  events: readonly SensitiveEvent[],
): Promise<Map<string, Change[]>> {
  const personal = events.filter(({ changes }) => changes.length > 0);
  const made = personal.length === 0 ? [] : await ports.commitments(tx, personal);
  return new Map(personal.map(({ event }, at) => [event, made[at] ?? []]));
}

/** Runs what somebody else asked for and enough people agreed to, in the transaction of the last agreement. */
async function performApproved(
  ports: DoorPorts,
  tx: Tx,
  operation: string,
  input: unknown,
  requester: string,
  approval: string,
  passage: Passage & { policy: Policy },
): Promise<Ran<unknown>> {
  const command = ports.commands.get(operation);
  if (command === undefined || command.kind !== "command") throw new Refusal("unavailable", "operation_gone");
  const frozen = ports.frozen();
  if (frozen !== null && !command.whileFrozen) throw new Refusal("frozen", frozen);
  const actor = await ports.person(tx, requester);
  mayUse(actor, operation);
  const parsed: unknown = parseInput(command.input, input);
  await keepDuties(tx, passage.policy, actor, operation, command.target(parsed));
  // whoever agreed last has shown a factor for that; this is the requester's operation
  return await runInside(ports, tx, command, parsed, {
    ...passage,
    actor,
    correlation: { approval },
    stepUpAt: undefined,
  });
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
