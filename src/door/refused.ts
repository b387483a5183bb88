import type { Actor } from "./actor.ts";
import type { AnyCommand } from "./command.ts";
import { writeEvents } from "./commit.ts";
import type { RequestFacts } from "./event.ts";
import { uuidv7 } from "./ids.ts";
import type { Policy } from "./policy.ts";
import type { Connection, DoorPorts } from "./ports.ts";
import { eventOf } from "./recorder.ts";
import { type Issue, Refusal } from "./refusal.ts";
import { isOutage, isRetryable } from "./transaction.ts";

/** What the caller is told of an error: itself when it is a refusal; anything else only the operator gets to know. */
export function refusalOf(
  ports: DoorPorts,
  error: unknown,
  command: string,
  request: string | undefined,
): Refusal {
  if (error instanceof Refusal) return error;
  if (isRetryable(error)) return new Refusal("unavailable", "busy", { retryAfter: 1, cause: error });
  if (isOutage(error)) return new Refusal("unavailable", "database", { retryAfter: 2, cause: error });
  ports.unexpected(error, command, request);
  return new Refusal("unavailable", "unexpected", { cause: error });
}

/** Denials and failures are written in a transaction of their own. Gives back the error when that failed too. */
export async function writeRefusal(
  ports: DoorPorts,
  connection: Connection,
  command: AnyCommand,
  rawInput: unknown,
  refusal: Refusal,
  passage: { actor: Actor; policy: Policy | null },
  request: RequestFacts | undefined,
): Promise<Error | undefined> {
  const now = ports.clock.now();
  const commandId = uuidv7(now.getTime());
  const denied =
    refusal.kind === "denied" || refusal.kind === "step-up-required" || refusal.kind === "throttled";
  const parsed = command.input.safeParse(rawInput);
  const target = parsed.success ? command.target(parsed.data) : null;
  const event = eventOf({ at: now, ...passage, request, commandId }, uuidv7(now.getTime()), {
    action: command.name,
    crud: command.crud,
    category: command.category,
    severity: refusal.kind === "denied" ? 2 : refusal.code === "unexpected" ? 3 : 1,
    target: target === null ? [] : [{ type: target.type, id: target.id }],
    outcome: { result: denied ? "denied" : "failure", code: refusal.code },
    ...(refusal.details.issues === undefined ? {} : { fields: fieldsOf(refusal.details.issues) }),
  });
  if (passage.actor.type === "anonymous" && !ports.log.admitsAnonymous(event)) return undefined;
  try {
    const actor = { actorType: passage.actor.type, actorId: passage.actor.id };
    await writeEvents(ports, connection, { id: commandId, name: command.name, ...actor }, [event]);
    return undefined;
  } catch (error) {
    ports.unexpected(error, command.name, request?.id);
    return error instanceof Error ? error : new Error("the refusal could not be written");
  }
}

/** The refused fields, for the log. A name that no schema knows was typed by somebody and may be anything. */
function fieldsOf(issues: readonly Issue[]): string[] {
  return [...new Set(issues.map(({ path, code }) => (code === "unknown" ? "?" : path)))].slice(0, 20);
}
