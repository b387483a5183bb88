import type { Tone } from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { isMessageKey, messages, nameOf } from "../messages/index.ts";

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

/** Why something was refused or failed: in a sentence, or by its code where the sentence needs what the log has not. */
export function whyOf(v: ViewContext, code: string): string {
  const key = [`refusal.${code}`, `refusal.${code.replaceAll("_", "-")}`].find(isMessageKey);
  return key === undefined || messages[key].en.includes("{") ? code : v.t(key);
}

export const roleName = (v: ViewContext, role: string): string => nameOf(v.t, "role", role);
export const factName = (v: ViewContext, fact: string): string => nameOf(v.t, "fact", fact);
export const purposeName = (v: ViewContext, category: string, code: string): string =>
  nameOf(v.t, `${category}.purpose`, code);
export const correlationName = (v: ViewContext, kind: string): string =>
  nameOf(v.t, "audit.correlation", kind);

/** A value of a fact, called by its name where it is a word of ours: an operation, a field, a verdict. */
export function factValue(
  v: ViewContext,
  category: string,
  fact: string,
  value: string | number | boolean | null | readonly string[],
): string {
  if (typeof value === "boolean") return v.t(value ? "common.yes" : "common.no");
  if (typeof value === "number") return v.format.number(value);
  if (typeof value !== "string") return value === null ? "—" : value.join(", ");
  const own = `fact.${fact}.${value}`;
  if (isMessageKey(own)) return v.t(own);
  if (fact === "field") return fieldName(v, category, value);
  if (fact === "by") return fieldName(v, category, value);
  if (fact === "role") return roleName(v, value);
  if (fact === "purpose") return nameOf(v.t, `${category}.consent`, value);
  if (fact === "problem") return nameOf(v.t, `${category}.import.problem`, value);
  if (fact === "integrity" || fact === "completeness") return word(v, "verdict", value);
  if (fact === "filter_outcome") return word(v, "outcome", value);
  return actionName(v, value);
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
