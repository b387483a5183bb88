import type { Child } from "hono/jsx";
import type { ViewContext } from "../context.ts";
import type { IconName } from "./icon-names.ts";
import { Icon } from "./icon.tsx";

export interface Empty {
  title: string;
  /** What to do about it. */
  text?: string;
  icon?: IconName;
  /** Usually a `LinkButton`. */
  action?: Child;
}

/** What stands where nothing is: it says why and what to do. */
export function EmptyState({ v, title, text, icon, action }: Empty & { v: ViewContext }) {
  return (
    <div class="empty">
      <Icon v={v} name={icon ?? "search"} />
      <p class="empty-title">{title}</p>
      {text !== undefined && <p>{text}</p>}
      {action}
    </div>
  );
}
