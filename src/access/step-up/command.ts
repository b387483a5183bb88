import { z } from "zod";
import { command } from "../../door/command.ts";
import { Refusal } from "../../door/refusal.ts";
import { CountedCode } from "../factor/attempt.ts";
import { useFactor } from "../factor/use.ts";
import { boundStepUpMinutes } from "../params.ts";
import { CheckedPassword, stillRight } from "../password/check.ts";
import { renewSession } from "../sessions.ts";
import { liveSession } from "../sign-in/full-session.ts";

/**
 * Proves again who is there. `fresh`: the second factor. `bound`: password and factor, for the one input whose digest
 * is given. The session gets a new id, and the old one is dead (ASVS 7.2.4).
 */
export const stepUpCommand = command({
  name: "access.step_up",
  shownOnce: true,
  whileFrozen: true,
  input: z.strictObject({
    attempt: CountedCode,
    bound: z.strictObject({ check: CheckedPassword, digest: z.string().regex(/^[\w-]{43}$/) }).nullable(),
  }),
  severity: 1,
  async run(context) {
    const { tx, actor, input, params, record, now, newId } = context;
    record.target({ type: "staff", id: actor.id, label: actor.display });
    const { bound } = input;
    // the factor first: a wrong password must not leave a used code behind, and both are undone together anyway
    const factor = await useFactor(context, actor.id, input.attempt.code());
    const password = bound === null || (await stillRight(tx, bound.check, actor.id));
    if (factor === null || !password) throw new Refusal("denied", "step_up_wrong");
    record.fact("level", bound === null ? "fresh" : "bound");
    record.fact("factor", factor);

    const session = await liveSession(tx, actor.assurance?.session ?? "");
    const renewed = await renewSession(tx, { now: () => now }, session, { factorAt: now });
    if (renewed === null) throw new Refusal("denied", "session_ended");
    if (bound !== null) {
      await tx
        .insertInto("access.step_up")
        .values({
          id: newId(),
          session_id: renewed.id,
          digest: Buffer.from(bound.digest, "base64url"),
          created_at: now,
          expires_at: new Date(now.getTime() + params(boundStepUpMinutes) * 60_000),
        })
        .execute();
    }
    return { token: renewed.token };
  },
});
