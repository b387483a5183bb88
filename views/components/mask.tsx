import type { Child } from "hono/jsx";
import type { ViewContext } from "../context.ts";
import { Icon } from "./icon.tsx";
import { safeHref } from "./safe-href.ts";

export interface MaskProps {
  v: ViewContext;
  /** As the vault masked it. */
  value: string;
  /** The name of the field, for the button's accessible name. */
  field: string;
  /** The page that asks for the purpose and reveals. Without it there is nothing to press. */
  revealHref?: string;
  /** What is shown instead of the button: a form, or the revealed value. */
  children?: Child;
}

/** A personal datum with its middle hidden. */
export function Mask({ v, value, field, revealHref, children }: MaskProps) {
  return (
    <span class="mask">
      <span class="mask-value">{value}</span>
      {children ??
        (revealHref !== undefined && (
          <a
            class="mask-reveal"
            href={safeHref(revealHref)}
            aria-label={v.t("common.reveal.field", { field })}
          >
            <Icon v={v} name="eye" />
            <span>{v.t("common.reveal")}</span>
          </a>
        ))}
    </span>
  );
}
