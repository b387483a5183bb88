import { sql } from "kysely";
import { z } from "zod";
import { command } from "../../door/command.ts";
import { Id } from "../../door/ids.ts";
import { Refusal } from "../../door/refusal.ts";
import { CLAIM_SECONDS, retrySeconds } from "./delivery.ts";
import { outboxAttempts } from "./params.ts";
import { INTEGER_MAX } from "../integers.ts";

const target = (input: { effect: string }) => ({ type: "effect", id: input.effect });

/**
 * Takes one due effect for delivery and opens its body. Null: somebody else has it, or it is settled. Whoever claims
 * and dies leaves it to the next after `CLAIM_SECONDS`, with the try counted.
 */
export const claimEffect = command({
  name: "outbox.claim",
  input: z.strictObject({ effect: Id }),
  target,
  async run({ tx, input, vault, params, record }) {
    const claimed = await tx
      .updateTable("door.outbox")
      .set((e) => ({
        attempts: e("attempts", "+", 1),
        due_at: sql<Date>`now() + make_interval(secs => ${CLAIM_SECONDS})`,
      }))
      .where("id", "=", input.effect)
      .where("state", "=", "due")
      .where("due_at", "<=", sql<Date>`now()`)
      .returning(["kind", "body", "attempts"])
      .executeTakeFirst();
    record.fact("claimed", claimed !== undefined);
    if (claimed === undefined) return null;
    record.fact("kind", claimed.kind);
    record.fact("attempt", claimed.attempts);
    if (claimed.attempts > params(outboxAttempts)) {
      // every try was claimed and none came back: whatever ends the process is not met once more
      await tx
        .updateTable("door.outbox")
        .set({ state: "failed", last_error: "abandoned" })
        .where("id", "=", input.effect)
        .execute();
      record.change("state", "due", "failed");
      return null;
    }
    const body = await vault.unseal(tx, "door.outbox", claimed.body);
    const opened: unknown = JSON.parse(body.toString("utf8"));
    return { kind: claimed.kind, attempt: claimed.attempts, body: opened };
  },
});

/**
 * Says how a delivery went. Delivered: the body is gone from the table. Not delivered: due again later, or failed
 * when the policy's tries are used up. Says nothing about an effect that is settled already.
 */
export const settleEffect = command({
  name: "outbox.settle",
  input: z.strictObject({
    effect: Id,
    /** The try that is spoken of: a late answer does not settle a later one. */
    attempt: z.int().min(1).max(INTEGER_MAX),
    /** Null: it arrived. */
    error: z.string().max(100).nullable(),
  }),
  target,
  async run({ tx, input, params, record, now }) {
    const over = input.attempt >= params(outboxAttempts);
    const wait = retrySeconds(input.attempt);
    const state = input.error === null ? "delivered" : over ? "failed" : "due";
    const settled = await tx
      .updateTable("door.outbox")
      .set(
        input.error === null
          ? { state, body: "", delivered_at: now, last_error: null }
          : { state, last_error: input.error, due_at: sql<Date>`now() + make_interval(secs => ${wait})` },
      )
      .where("id", "=", input.effect)
      .where("state", "=", "due")
      // what arrived has arrived, whichever try it was
      .$if(input.error !== null, (q) => q.where("attempts", "=", input.attempt))
      .returning("kind")
      .executeTakeFirst();
    if (settled === undefined) return { state: null };
    record.fact("kind", settled.kind);
    record.fact("attempt", input.attempt);
    if (input.error !== null) record.fact("error", input.error);
    record.change("state", "due", state);
    if (state === "failed") record.severity(3);
    return { state };
  },
});

/** Gives a failed effect another set of tries. Refuses `conflict` when it is not failed any more. */
export const retryEffect = command({
  name: "outbox.retry",
  input: z.strictObject({ effect: Id }),
  target,
  async run({ tx, input, record, now, wake }) {
    const again = await tx
      .updateTable("door.outbox")
      .set({ state: "due", attempts: 0, due_at: now })
      .where("id", "=", input.effect)
      .where("state", "=", "failed")
      .returning("kind")
      .executeTakeFirst();
    if (again === undefined) throw new Refusal("conflict", "effect_not_failed");
    record.target({ type: "effect", id: input.effect, label: again.kind });
    record.change("state", "failed", "due");
    wake("outbox.deliver");
    return {};
  },
});
