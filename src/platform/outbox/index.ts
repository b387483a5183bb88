import { defineModule, type Module } from "../module.ts";
import { claimEffect, retryEffect, settleEffect } from "./commands.ts";
import type { EffectHandler } from "./delivery.ts";
import { outboxJob } from "./job.ts";
import { outboxAttempts } from "./params.ts";
import { dueEffects, failedEffects } from "./queries.ts";

export { retryEffect } from "./commands.ts";
export { type FailedEffect, failedEffects } from "./queries.ts";
export { type Delivery, DeliveryFailed, type EffectHandler } from "./delivery.ts";

/** The outbox of a console: it delivers what the modules say they can. Refuses two handlers of one kind. */
export function outboxModule(modules: readonly Module[]): Module {
  const handlers = new Map<string, EffectHandler>();
  for (const [kind, handler] of modules.flatMap((module) => Object.entries(module.effects ?? {}))) {
    if (handlers.has(kind)) throw new Error(`two modules deliver ${kind}`);
    handlers.set(kind, handler);
  }
  return defineModule({
    name: "outbox",
    commands: [claimEffect, settleEffect, retryEffect],
    queries: [dueEffects, failedEffects],
    routes: [],
    params: [outboxAttempts],
    jobs: [outboxJob(handlers)],
    nav: [],
  });
}
