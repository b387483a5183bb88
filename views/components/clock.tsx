import type { ViewContext } from "../context.ts";

/** An instant in the viewer's zone, exact in the attribute. `relative` adds how long ago that is. */
export function Clock({
  v,
  at,
  show = "date-time",
}: {
  v: ViewContext;
  at: Date;
  show?: "date-time" | "date" | "time" | "relative";
}) {
  const exact = v.format.dateTime(at);
  const text = {
    "date-time": () => exact,
    date: () => v.format.date(at),
    time: () => v.format.time(at),
    relative: () => v.format.relative(at, v.now),
  }[show]();
  return (
    <time datetime={at.toISOString()} title={text === exact ? undefined : exact}>
      {text}
    </time>
  );
}
