import type { Credential } from "./actor.ts";
import type { Query, QueryContext } from "./command.ts";
import { writeEvents } from "./commit.ts";
import { all, connect } from "./connection.ts";
import type { RequestFacts, StagedEvent } from "./event.ts";
import { mayUse } from "./gate.ts";
import { uuidv7 } from "./ids.ts";
import { parseInput } from "./parse.ts";
import type { DoorPorts } from "./ports.ts";
import { eventOf, type Passage } from "./recorder.ts";
import { Refusal } from "./refusal.ts";

/** Answers a query on the read-only connection, and leaves an event where its declaration wants the look logged. */
export async function look<I, R>(
  ports: DoorPorts,
  query: Query<I, R>,
  credential: Credential,
  input: unknown,
  request: RequestFacts | undefined,
): Promise<R> {
  const parsed = parseInput(query.input, input);
  const now = ports.clock.now();
  const [actor, policy] = await all([
    ports.identify(ports.read, credential, false),
    ports.policy(ports.read),
  ]);
  const passage = { at: now, actor, policy, request, commandId: uuidv7(now.getTime()) };
  if (!actor.permissions.has(query.name)) {
    await append(ports, passage, deniedLook(passage, query));
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
  const logged = query.logged?.(parsed, result) ?? null;
  if (logged !== null) {
    const event = eventOf(passage, uuidv7(now.getTime()), {
      action: query.name,
      crud: "r",
      category: query.category,
      severity: 1,
      outcome: { result: "success" },
      ...logged,
    });
    await append(ports, passage, event);
  }
  return result;
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
async function append(ports: DoorPorts, passage: Passage, event: StagedEvent): Promise<void> {
  const connection = await connect(ports);
  let broken: Error | undefined;
  try {
    const { commandId, actor } = passage;
    const command = { id: commandId, name: event.action, actorType: actor.type, actorId: actor.id };
    await writeEvents(ports, connection, command, [event]);
  } catch (cause) {
    broken = cause instanceof Error ? cause : new Error("the event could not be written");
    throw new Refusal("unavailable", "log_unavailable", { cause });
  } finally {
    connection.release(broken);
  }
}
