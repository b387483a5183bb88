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

/**
 * A form that came from another site, or whose token is missing or another session's: an attempt to act in somebody's
 * name. It never got as far as a command; this one does nothing but be refused, which leaves the event (ASVS 16.3.3).
 */
export const forgedForm = command({
  name: "access.forged",
  anonymous: true,
  // an attack does not wait until the console writes again
  whileFrozen: true,
  input: z.strictObject({ code: z.enum(["forged", "cross_origin"]), route: z.string().max(200) }),
  crud: "x",
  target: ({ route }) => ({ type: "route", id: route }),
  run: async ({ input }) => {
    throw new Refusal("denied", input.code);
  },
});

/** Writes a forged form into the log; those of nobody are only counted beyond so many a minute. */
export async function recordForged(
  door: Door,
  credential: Credential,
  code: "forged" | "cross_origin",
  request: RequestFacts,
): Promise<void> {
  try {
    await door.execute(forgedForm, credential, { code, route: request.route ?? "" }, { request });
  } catch (error) {
    if (!(error instanceof Refusal) || error.kind !== "denied") throw error;
  }
}
