import type { ViewContext } from "../context.ts";

export interface ProgressProps {
  v: ViewContext;
  label: string;
  done: number;
  /** Unknown totals show what is done and no share. */
  total?: number;
  /** Per second. */
  rate?: number;
  /** Seconds. */
  left?: number;
}

/** How far long work is: count, rate and time left, in words beside the bar. */
export function Progress({ v, label, done, total, rate, left }: ProgressProps) {
  const share =
    total === undefined
      ? v.format.number(done)
      : v.t("common.progress.share", { done: v.format.number(done), total: v.format.number(total) });
  const details = [
    share,
    rate === undefined ? [] : [v.t("common.progress.rate", { rate: Math.round(rate) })],
    left === undefined ? [] : [v.t("common.progress.left", { time: v.format.duration(left) })],
  ].flat();
  return (
    <div class="progress">
      <p class="progress-head">
        <span>{label}</span>
        {total !== undefined && total > 0 && (
          <strong>{v.format.percent(Math.floor((done / total) * 100) / 100)}</strong>
        )}
      </p>
      <progress max={total} value={total === undefined ? undefined : done} aria-label={label} />
      <p class="progress-detail">{details.join(" · ")}</p>
    </div>
  );
}
