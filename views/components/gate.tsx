import type { ViewContext } from "../context.ts";
import { Icon } from "./icon.tsx";

/**
 * The mark on a button whose command the policy in force has put a gate before: a lock for a fresh proof of identity,
 * two heads for two people. Nothing where there is no gate.
 */
export function GateMark({ v, command }: { v: ViewContext; command: string }) {
  const gate = v.viewer?.gate(command) ?? null;
  if (gate === null) return null;
  return (
    <span class="gate">
      <Icon v={v} name={gate === "step-up" ? "lock" : "two-people"} />
      <span class="visually-hidden"> ({v.t(`common.gate.${gate}`)})</span>
    </span>
  );
}
