import { z } from "zod";
import type { Credential } from "../door/actor.ts";
import { command } from "../door/command.ts";
import type { Door } from "../door/door.ts";
import type { RequestFacts } from "../door/event.ts";
import { Refusal } from "../door/refusal.ts";

/** A guard refused somebody before any command was called. This one does nothing but be refused, which leaves the event. */
export const turnAway = command({
  name: "access.turned_away",
  input: z.strictObject({ permission: z.string().max(100) }),
  crud: "x",
  target: ({ permission }) => ({ type: "permission", id: permission }),
  run: async () => {
    throw new Refusal("denied", "permission");
  },
});

/** Writes a refused visit into the log (ASVS 16.3.2). */
export async function recordTurnedAway(
  door: Door,
  credential: Credential,
  permission: string,
  request: RequestFacts,
): Promise<void> {
  try {
    await door.execute(turnAway, credential, { permission }, { request });
  } catch (error) {
    if (!(error instanceof Refusal) || error.kind !== "denied") throw error;
  }
}
