import type { Child } from "hono/jsx";
import type { ViewContext } from "../context.ts";
import type { IconName } from "./icon-names.ts";
import { Icon } from "./icon.tsx";

export interface MenuProps {
  v: ViewContext;
  /** Unique on the page. */
  id: string;
  /** What the button opens, for screen readers; it follows what the face says. */
  label: string;
  icon?: IconName;
  /** What the button shows; the icon alone without it. */
  face?: Child;
  /** Links and forms with one button. */
  children?: Child;
}

/** A button that opens a small panel. The browser opens it, closes it on Escape and puts the focus back: no script. */
export function Menu({ v, id, label, icon, face, children }: MenuProps) {
  return (
    <div class="menu">
      <button
        type="button"
        class={face === undefined ? "button quiet icon-only" : "button quiet"}
        popovertarget={id}
        aria-label={face === undefined ? label : undefined}
      >
        {icon && <Icon v={v} name={icon} />}
        {face}
        {face !== undefined && <span class="visually-hidden">{label}</span>}
      </button>
      <div class="menu-panel" id={id} popover="auto">
        {children}
      </div>
    </div>
  );
}
