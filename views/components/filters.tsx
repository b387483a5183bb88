import type { Child } from "hono/jsx";
import type { ViewContext } from "../context.ts";
import { Button, LinkButton } from "./button.tsx";
import { replacing } from "./live.ts";
import { safeHref } from "./safe-href.ts";

export interface FiltersProps {
  v: ViewContext;
  /** The address of the list; the fields are added to it, so that every filtered list can be bookmarked. */
  action: string;
  /** Says what is filtered, for screen readers. */
  label: string;
  children?: Child;
  /** Whether anything is filtered now, so that clearing is offered. */
  active?: boolean;
  /** The id of the element that htmx replaces with the one of the same id in the answer. */
  results?: string;
}

/** The row of filters above a list. */
export function Filters({ v, action, label, children, active, results }: FiltersProps) {
  const attributes = results === undefined ? {} : replacing(v, results, safeHref(action));
  return (
    <form
      class="filters"
      method="get"
      action={safeHref(action)}
      role="search"
      aria-label={label}
      {...attributes}
    >
      {children}
      <div class="filters-actions">
        <Button v={v} label={v.t("common.apply")} icon="filter" />
        {active === true && <LinkButton v={v} label={v.t("common.clear")} href={action} kind="quiet" />}
      </div>
    </form>
  );
}
