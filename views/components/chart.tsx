import type { ViewContext } from "../context.ts";
import { safeHref } from "./safe-href.ts";

/** One bar. `href` leads to what it counts. */
export interface Bar {
  label: string;
  value: number;
  /** The part of the value that is emphasised: refused, failed, overdue. */
  marked?: number;
  href?: string;
}

export interface ChartProps {
  v: ViewContext;
  title: string;
  bars: readonly Bar[];
  /** What the bars count, for the head of the table. */
  unit?: string;
  /** What the marked part means. */
  markedLabel?: string;
  /** What the labels are: a period, a category. */
  labelHeader?: string;
}

/** Width of one bar with its gap, in units of the drawing; the browser stretches the whole to the room there is. */
const step = 10;
const gap = 1.6;
const height = 100;

/** Counts over time: bars as a drawing without text, so that it may stretch, and the same numbers as a table. */
export function Histogram(props: ChartProps) {
  const { v, title, bars } = props;
  const most = Math.max(1, ...bars.map((bar) => bar.value));
  const middle = bars[Math.floor(bars.length / 2)];
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <div class="chart-plot">
        <span class="chart-most" aria-hidden="true">
          {v.format.number(most)}
        </span>
        <svg
          viewBox={`0 0 ${bars.length * step} ${height}`}
          preserveAspectRatio="none"
          aria-hidden="true"
          focusable="false"
        >
          {bars.map((bar, index) => (
            <Column bar={bar} x={index * step} most={most} />
          ))}
        </svg>
        <div class="chart-axis" aria-hidden="true">
          <span>{bars[0]?.label}</span>
          {bars.length > 2 && <span>{middle?.label}</span>}
          {bars.length > 1 && <span>{bars.at(-1)?.label}</span>}
        </div>
      </div>
      <ChartTable {...props} />
    </figure>
  );
}

function Column({ bar, x, most }: { bar: Bar; x: number; most: number }) {
  const tall = scaled(bar.value, most);
  const marked = scaled(bar.marked ?? 0, most);
  return (
    <g>
      <title>{`${bar.label}: ${bar.value}`}</title>
      <rect class="chart-base" x={x + gap / 2} y={height - 0.8} width={step - gap} height={0.8} />
      <rect class="chart-bar" x={x + gap / 2} y={height - tall} width={step - gap} height={tall} />
      {marked > 0 && (
        <rect class="chart-marked" x={x + gap / 2} y={height - marked} width={step - gap} height={marked} />
      )}
    </g>
  );
}

/** Something that is there is always seen: two units at least. */
function scaled(value: number, most: number): number {
  return value <= 0 ? 0 : Math.max(2, (value / most) * (height - 2));
}

/** Counts by category. It is a table whose cells show their value as a bar too. */
export function BarChart({ v, title, bars, unit, labelHeader }: ChartProps) {
  const most = Math.max(1, ...bars.map((bar) => bar.value));
  return (
    <table class="bar-chart">
      <caption>{title}</caption>
      <thead class="visually-hidden">
        <tr>
          <th scope="col">{labelHeader ?? v.t("common.category")}</th>
          <th scope="col">{unit ?? v.t("common.count")}</th>
        </tr>
      </thead>
      <tbody>
        {bars.map((bar) => (
          <tr>
            <th scope="row">
              {bar.href === undefined ? bar.label : <a href={safeHref(bar.href)}>{bar.label}</a>}
            </th>
            <td>
              <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false">
                <rect class="chart-base" x={0} y={0} width={100} height={8} />
                <rect class="chart-bar" x={0} y={0} width={(bar.value / most) * 100} height={8} />
              </svg>
              <span class="bar-value">{v.format.number(bar.value)}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function ChartTable({ v, title, bars, unit, markedLabel, labelHeader }: ChartProps) {
  return (
    <details class="chart-table">
      <summary>{v.t("common.table-of")}</summary>
      <table>
        <caption class="visually-hidden">{title}</caption>
        <thead>
          <tr>
            <th scope="col">{labelHeader ?? v.t("common.period")}</th>
            <th scope="col" class="end">
              {unit ?? v.t("common.count")}
            </th>
            {markedLabel !== undefined && (
              <th scope="col" class="end">
                {markedLabel}
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {bars.map((bar) => (
            <tr>
              <th scope="row">
                {bar.href === undefined ? bar.label : <a href={safeHref(bar.href)}>{bar.label}</a>}
              </th>
              <td class="end">{v.format.number(bar.value)}</td>
              {markedLabel !== undefined && <td class="end">{v.format.number(bar.marked ?? 0)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
