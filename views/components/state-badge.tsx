import type { ViewContext } from "../context.ts";
import type { IconName } from "./icon-names.ts";
import { Icon } from "./icon.tsx";

/** How good or bad something is. Each tone has a colour and a picture, and the label says it in words. */
export type Tone = "neutral" | "info" | "good" | "warn" | "bad";

const toneIcons: Record<Tone, IconName> = {
  neutral: "dot",
  info: "half",
  good: "good",
  warn: "warn",
  bad: "bad",
};

/** The state of an object. */
export function StateBadge({
  v,
  tone,
  label,
  icon,
}: {
  v: ViewContext;
  tone: Tone;
  label: string;
  icon?: IconName;
}) {
  return (
    <span class={`badge tone-${tone}`}>
      <Icon v={v} name={icon ?? toneIcons[tone]} />
      {label}
    </span>
  );
}
