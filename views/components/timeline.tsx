import type { Child } from "hono/jsx";
import type { ViewContext } from "../context.ts";
import { Clock } from "./clock.tsx";
import type { IconName } from "./icon-names.ts";
import { Icon } from "./icon.tsx";
import type { Tone } from "./state-badge.tsx";

export interface TimelineEntry {
  at: Date;
  title: Child;
  /** Who did it. */
  actor?: string;
  body?: Child;
  tone?: Tone;
  icon?: IconName;
}

/** What happened, in the order given. */
export function Timeline({
  v,
  label,
  entries,
}: {
  v: ViewContext;
  label: string;
  entries: readonly TimelineEntry[];
}) {
  return (
    <ol class="timeline" aria-label={label}>
      {entries.map(({ at, title, actor, body, tone = "neutral", icon }) => (
        <li class={`timeline-entry tone-${tone}`}>
          <span class="timeline-mark">
            <Icon v={v} name={icon ?? "dot"} />
          </span>
          <div>
            <p class="timeline-title">{title}</p>
            <p class="timeline-meta">
              <Clock v={v} at={at} />
              {actor !== undefined && <span>{actor}</span>}
            </p>
            {body !== undefined && <div class="timeline-body">{body}</div>}
          </div>
        </li>
      ))}
    </ol>
  );
}
