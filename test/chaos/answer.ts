import type { AnyCommand } from "../../src/door/command.ts";
import { Refusal } from "../../src/door/refusal.ts";
import type { Attempt, Line } from "./protocol.ts";
import type { World } from "./world.ts";

/**
 * Sends one command through the door and gives what the client hears. Shows both factors when it is asked to, as a
 * person would. Throws what is no answer: the database was not there.
 */
export async function readAnswer(world: World, command: AnyCommand, attempt: Attempt): Promise<Line> {
  const { key, login, input } = attempt;
  const session = await world.as(login);
  const { door } = world.console;
  try {
    if (command.kind === "reveal") {
      // a look is never given again, so it has no key; what it shows stays here
      const { commandId, event } = await door.reveal(command, session, input);
      return { say: "done", key, commandId, event, value: null, replayed: false };
    }
    const done = await door.execute(command, session, input, { idempotencyKey: key });
    const { commandId, event, replayed } = done;
    const value: unknown = done.value ?? null;
    return { say: "done", key, commandId, event, value, replayed };
  } catch (error) {
    if (!(error instanceof Refusal) || error.kind === "unavailable") throw error;
    const { stepUp, approval } = error.details;
    if (error.kind === "step-up-required" && stepUp?.level === "bound") {
      await world.stepUp(session, stepUp.digest);
      return await readAnswer(world, command, attempt);
    }
    if (error.kind === "pending-approval" && approval !== undefined) return { say: "pending", key, approval };
    return { say: "refused", key, kind: error.kind, code: error.code };
  }
}
