import type { ViewContext } from "../context.ts";
import { Icon } from "./icon.tsx";

/** What the policy asks before a command runs. */
export type GateKind = "step-up" | "four-eyes";

/** The mark on a button that is gated: a lock for a fresh proof of identity, two heads for two people. */
export function GateMark({ v, gate }: { v: ViewContext; gate: GateKind }) {
  return (
    <span class="gate">
      <Icon v={v} name={gate === "step-up" ? "lock" : "two-people"} />
      <span class="visually-hidden"> ({v.t(`common.gate.${gate}`)})</span>
    </span>
  );
}
