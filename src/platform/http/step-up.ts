import type { Context } from "hono";
import type { RequestFacts } from "../../door/event.ts";
import { Refusal, type StepUpNeed } from "../../door/refusal.ts";
import type { HttpEnv } from "./env.ts";
import { type Fields, ownField, ownFields } from "./form.ts";
import type { Authenticated, StepUp } from "./session.ts";

/**
 * Checks the proof that came with a repeated form, when there is one, before the form is handled. The door then
 * decides by itself whether the proof is enough: need and digest in the form are only what the person was asked for.
 */
export async function stepUpFirst(
  stepUp: StepUp,
  c: Context<HttpEnv>,
  who: Authenticated,
  fields: Fields,
  request: RequestFacts,
): Promise<Authenticated> {
  if (who.actor === null || !fields.some(([name]) => name === ownFields.code)) return who;
  const need = needOf(fields);
  if (need === null) throw new Refusal("invalid", "malformed");
  const password = ownField(fields, "password");
  return await stepUp({ c, who, need, password, code: ownField(fields, "code"), request });
}

/** What the form says it was asked for; null when it says nothing sensible. */
export function needOf(fields: Fields): StepUpNeed | null {
  const level = ownField(fields, "level");
  const minutes = Number(ownField(fields, "minutes"));
  const digest = ownField(fields, "digest");
  if (level !== "fresh" && level !== "bound") return null;
  if (!Number.isSafeInteger(minutes) || minutes < 0 || !/^[\w-]{1,100}$/.test(digest)) return null;
  const operation = ownField(fields, "operation");
  return { level, minutes, digest, ...(/^[a-z_.]{1,100}$/.test(operation) ? { operation } : {}) };
}
