import type { HistogramOf } from "../../src/audit/histogram.ts";
import { Histogram, LinkButton, live } from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";

const ID = "audit-chart";

/**
 * The place of a chart on a page whose events come first: counting takes longer than a page of events, so the chart
 * follows by itself. Without scripts a link leads to it.
 */
export function ChartLater({ v, href }: { v: ViewContext; href: string }) {
  return (
    <div
      id={ID}
      class="chart-later"
      {...live(v, { get: href, trigger: "load", target: `#${ID}`, select: `#${ID}`, swap: "outerHTML" })}
    >
      <LinkButton v={v} label={v.t("audit.histogram")} href={href} kind="quiet" />
    </div>
  );
}

/** The chart of a search: what follows the page, or a page by itself. */
export function ChartPage({
  v,
  histogram,
  searchHref,
  spanHref,
}: {
  v: ViewContext;
  histogram: HistogramOf;
  /** The events that are counted. */
  searchHref: string;
  spanHref: (from: Date, to: Date) => string;
}) {
  const { t } = v;
  return (
    <Page
      v={v}
      title={t("audit.histogram")}
      crumbs={[{ label: t("audit.title"), href: searchHref, needs: "audit.search" }]}
    >
      <div id={ID} class="chart-later">
        <EventChart v={v} histogram={histogram} href={spanHref} />
      </div>
    </Page>
  );
}

/** Events over time; each bar leads to its events. `href` gives the address of a span of time. */
export function EventChart({
  v,
  histogram,
  href,
}: {
  v: ViewContext;
  histogram: HistogramOf;
  href: (from: Date, to: Date) => string;
}) {
  const { t } = v;
  return (
    <>
      <Histogram
        v={v}
        title={t("audit.histogram")}
        unit={t("audit.events")}
        markedLabel={t("audit.histogram.refused")}
        bars={histogram.bars.map(({ from, to, events, refused }) => ({
          label: v.format.dateTime(from).slice(0, -3),
          value: events,
          marked: refused,
          href: href(from, to),
        }))}
      />
      {histogram.cutAt !== undefined && (
        <p class="hint">{t("audit.histogram.cut", { count: histogram.cutAt })}</p>
      )}
    </>
  );
}
