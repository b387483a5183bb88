import { plantStepUp } from "../access/planting.ts";
import type { Credential } from "../door/actor.ts";
import type { Command } from "../door/command.ts";
import type { Door } from "../door/door.ts";
import { Refusal } from "../door/refusal.ts";
import type { DemoWorld } from "../platform/module.ts";

/** Passes commands as the demo's people do: asked for both factors for one input, they show them and send it again. */
export function proving(door: Door, operator: Credential): DemoWorld["prove"] {
  return async <I, R>(command: Command<I, R>, who: Credential, input: unknown): Promise<R> => {
    try {
      return (await door.execute(command, who, input)).value;
    } catch (error) {
      const need = error instanceof Refusal ? error.details.stepUp : undefined;
      if (need === undefined || who.type !== "session") throw error;
      await door.execute(plantStepUp, operator, { session: who.session, digest: need.digest });
      return (await door.execute(command, who, input)).value;
    }
  };
}
