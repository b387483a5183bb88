import type { ViewContext } from "../context.ts";
import type { IconName } from "./icon-names.ts";

/** A picture from the sprite. Always beside text that says the same, so it is hidden from screen readers. */
export function Icon({ v, name }: { v: ViewContext; name: IconName }) {
  return (
    <svg class="icon" aria-hidden="true" focusable="false">
      <use href={`${v.asset("icons.svg")}#${name}`} />
    </svg>
  );
}
