import type { Tone } from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { isMessageKey, nameOf } from "../messages/index.ts";

export const actionName = (v: ViewContext, action: string): string => nameOf(v.t, "action", action);
export const objectName = (v: ViewContext, type: string): string => nameOf(v.t, "object", type);

/** A word that data chose from a closed list of ours; shown as it is when it is none of them. */
export function word(
  v: ViewContext,
  kind: "outcome" | "severity" | "crud" | "verdict",
  value: string,
): string {
  const key = `audit.${kind}.${value}`;
  return isMessageKey(key) ? v.t(key) : value;
}

export function outcomeTone(outcome: string): Tone {
  if (outcome === "success") return "good";
  return outcome === "pending" ? "info" : outcome === "denied" ? "warn" : "bad";
}

export function severityTone(severity: number): Tone {
  if (severity >= 4) return "bad";
  return severity >= 2 ? "warn" : "neutral";
}

/** The field's name, as its module calls it. */
export function fieldName(v: ViewContext, category: string, field: string): string {
  return nameOf(v.t, `${category}.field`, field);
}
