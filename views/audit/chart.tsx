import type { HistogramOf } from "../../src/audit/histogram.ts";
import { Histogram } from "../components/index.ts";
import type { ViewContext } from "../context.ts";

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
