import { Refusal } from "../../door/refusal.ts";
import { OUTBOX_JOB } from "../../door/run.ts";
import type { Job, JobContext } from "../module.ts";
import { claimEffect, settleEffect } from "./commands.ts";
import { DELIVERY_SECONDS, DeliveryFailed, type EffectHandler } from "./delivery.ts";
import { dueEffects } from "./queries.ts";

export interface OutboxJobOptions {
  /** Milliseconds that one delivery may take; `DELIVERY_SECONDS` unless a test is in a hurry. */
  timeoutMs?: number;
}

/**
 * Delivers what is due, one effect after another: claimed in one transaction, carried out with none open, settled in
 * another. Woken by the door with every effect; the schedule finds what was put off or left behind.
 */
export function outboxJob(
  handlers: ReadonlyMap<string, EffectHandler>,
  { timeoutMs = DELIVERY_SECONDS * 1000 }: OutboxJobOptions = {},
): Job {
  return {
    name: OUTBOX_JOB,
    cron: "* * * * *",
    async run(work) {
      for (;;) {
        const due = await work.door.ask(dueEffects, work.credential, {});
        if (due.length === 0) return;
        for (const effect of due) {
          work.signal.throwIfAborted();
          await deliver(work, effect, handlers, timeoutMs);
        }
      }
    },
  };
}

async function deliver(
  { door, credential, signal }: JobContext,
  effect: string,
  handlers: ReadonlyMap<string, EffectHandler>,
  timeoutMs: number,
): Promise<void> {
  const { value: claim } = await door.execute(claimEffect, credential, { effect });
  if (claim === null) return;
  const { kind, attempt, body } = claim;
  let error: string | null = null;
  try {
    const handler = handlers.get(kind);
    if (handler === undefined) throw new DeliveryFailed("no_handler");
    const ends = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    await inTime(handler(body, { id: effect, attempt, signal: ends }), ends);
  } catch (cause) {
    error = codeOf(cause);
  }
  await door.execute(settleEffect, credential, { effect, attempt, error });
}

/** A handler that does not listen to its signal is not waited for. */
async function inTime(delivery: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const end = () => reject(signal.reason);
  if (signal.aborted) end();
  else signal.addEventListener("abort", end, { once: true });
  try {
    await Promise.race([delivery, promise]);
  } finally {
    signal.removeEventListener("abort", end);
  }
}

/** A word for the page and the log. Messages of errors quote addresses and bodies: they stay out. */
function codeOf(cause: unknown): string {
  if (cause instanceof DeliveryFailed || cause instanceof Refusal) return cause.code.slice(0, 100);
  return cause instanceof Error ? cause.name.slice(0, 100) : "unknown";
}
