import type { Actor } from "./actor.ts";
import type { DoorPorts } from "./ports.ts";
import type { Gate, Policy } from "./policy.ts";
import { Refusal } from "./refusal.ts";
import type { Tx } from "./tables.ts";

/** Refuses an actor without the permission. Deny by default: the set holds what `policies/access.yaml` names. */
export function mayUse(actor: Actor, name: string): void {
  if (actor.permissions.has(name)) return;
  throw new Refusal("denied", actor.type === "anonymous" ? "sign_in" : "permission");
}

/**
 * Dynamic separation of duties: whoever did one part to this object may not do the other. The door asks before `run`
 * and after it: a command under a duty locks its object, so that two halves at one moment see each other.
 */
export async function keepDuties(
  tx: Tx,
  policy: Policy,
  actor: Actor,
  command: string,
  target: { type: string; id: string } | null,
): Promise<void> {
  const after = policy.duties(command).flatMap((duty) => duty.after);
  if (after.length === 0 || target === null) return;
  const deed = await tx
    .selectFrom("door.deed")
    .select("command")
    .where("target_type", "=", target.type)
    .where("target_id", "=", target.id)
    .where("actor_id", "=", actor.id)
    .where("command", "in", after)
    .executeTakeFirst();
  if (deed !== undefined) throw new Refusal("denied", "duty", { values: { other: deed.command } });
}

/**
 * Asks for the second factor that the gate wants, or passes: with the time at which it was shown, where it was shown for
 * this very operation. Four eyes asks for its own `ask` here.
 */
export async function passStepUp(
  ports: Pick<DoorPorts, "useStepUp">,
  tx: Tx,
  actor: Actor,
  gate: Gate,
  asked: { command: string; digest: Buffer },
  now: Date,
  freshMinutes: number,
): Promise<Date | undefined> {
  const level = gate.kind === "step-up" ? gate.level : gate.kind === "four-eyes" ? gate.ask : "none";
  if (level === "none") return undefined;
  if (actor.assurance === null) throw new Refusal("denied", "step_up_impossible");
  const minutes = gate.kind === "step-up" && gate.level === "fresh" ? gate.minutes : freshMinutes;
  if (level === "fresh") {
    const factorAt = actor.assurance.factorAt;
    if (factorAt !== null && now.getTime() - factorAt.getTime() <= minutes * 60_000) return undefined;
  } else {
    const shownAt = await ports.useStepUp(tx, actor, asked.digest);
    if (shownAt !== null) return shownAt;
  }
  throw new Refusal("step-up-required", "step_up", {
    stepUp: { level, minutes, digest: asked.digest.toString("base64url"), operation: asked.command },
  });
}
