import type { RunContext } from "../../../door/command.ts";
import { Refusal } from "../../../door/refusal.ts";
import { start } from "./commands.ts";

/** Why a running import goes no further. Each has a message `members.import.stopped.<code>`. */
export const stops = ["person_disabled", "permission"] as const;
export type Stop = (typeof stops)[number];

/**
 * Whether whoever started an import may still do so, as of this transaction: the job writes in their name, and what they
 * lost ends with its next step. Their row is locked in share, so that a step and a disabling cannot both win.
 * Null when they may (ASVS 8.3.3).
 */
export async function stopFor(
  { tx, access }: Pick<RunContext<unknown>, "tx" | "access">,
  person: string,
): Promise<Stop | null> {
  try {
    const actor = await access.person(tx, person);
    return actor.permissions.has(start.name) ? null : "permission";
  } catch (error) {
    if (error instanceof Refusal && error.kind === "denied") return "person_disabled";
    throw error;
  }
}
