import type { Child } from "hono/jsx";
import type { ViewContext } from "../context.ts";
import { Icon } from "./icon.tsx";
import type { IconName } from "./icon-names.ts";
import { safeHref } from "./safe-href.ts";
import type { Tone } from "./state-badge.tsx";

export interface Figure {
  label: string;
  value: Child;
  /** One line under the value: the limit, the change, the deadline. */
  note?: Child;
  tone?: Tone;
  icon?: IconName;
  /** Where the number comes from. */
  href?: string;
}

/** The few numbers that a first screen opens with. */
export function Figures({ v, figures }: { v: ViewContext; figures: readonly Figure[] }) {
  return (
    <ul class="figures">
      {figures.map(({ label, value, note, tone = "neutral", icon, href }) => (
        <li class={`figure tone-${tone}`}>
          <span class="figure-label">
            {icon && <Icon v={v} name={icon} />}
            {href === undefined ? label : <a href={safeHref(href)}>{label}</a>}
          </span>
          <strong class="figure-value">{value}</strong>
          {note !== undefined && <span class="figure-note">{note}</span>}
        </li>
      ))}
    </ul>
  );
}
