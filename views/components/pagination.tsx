import type { ViewContext } from "../context.ts";
import { Icon } from "./icon.tsx";
import { replacing } from "./live.ts";
import { safeHref } from "./safe-href.ts";

/** Keyset paging: addresses of the neighbours, and a count only where one is cheap. */
export interface Pages {
  previous?: string | undefined;
  next?: string | undefined;
  total?: number | undefined;
  /** The count was broken off at `total`. */
  more?: boolean;
}

/** Backwards and forwards through a list. Says how many rows are here, which is also announced after a change. */
export function Pagination({
  v,
  results,
  pages,
}: {
  v: ViewContext;
  results?: string;
  pages: Pages & { shown: number };
}) {
  const text = shownText(v, pages);
  return (
    <nav class="pagination" aria-label={v.t("common.pages")}>
      <p data-announce="">{text}</p>
      <div class="pagination-links">
        <Step v={v} results={results} href={pages.previous} direction="previous" />
        <Step v={v} results={results} href={pages.next} direction="next" />
      </div>
    </nav>
  );
}

function shownText(v: ViewContext, { shown, total, more }: Pages & { shown: number }): string {
  if (total === undefined) return v.t("common.shown", { count: shown });
  return v.t(more === true ? "common.shown-of-many" : "common.shown-of", { count: shown, total });
}

function Step(props: {
  v: ViewContext;
  results: string | undefined;
  href: string | undefined;
  direction: "previous" | "next";
}) {
  const { v, results, href, direction } = props;
  if (href === undefined) return null;
  const address = safeHref(href);
  const attributes = results === undefined ? {} : replacing(v, results, address);
  return (
    <a class="button small" rel={direction === "next" ? "next" : "prev"} href={address} {...attributes}>
      {direction === "previous" && <Icon v={v} name="arrow-left" />}
      <span>{v.t(`common.${direction}`)}</span>
      {direction === "next" && <Icon v={v} name="arrow-right" />}
    </a>
  );
}
