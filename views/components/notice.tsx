import type { Child } from "hono/jsx";
import type { Notice as NoticeData, ViewContext } from "../context.ts";
import type { IconName } from "./icon-names.ts";
import { Icon } from "./icon.tsx";

type NoticeTone = NoticeData["tone"];

const icons: Record<NoticeTone, IconName> = { good: "good", warn: "warn", bad: "bad", info: "info" };

/** What just happened, or what to know before going on. `live` has screen readers say it. */
export function Notice({
  v,
  tone,
  children,
  live,
}: {
  v: ViewContext;
  tone: NoticeTone;
  children?: Child;
  live?: boolean;
}) {
  return (
    <div
      class={`notice tone-${tone}`}
      role={live === true ? (tone === "bad" ? "alert" : "status") : undefined}
    >
      <Icon v={v} name={icons[tone]} />
      <div>{children}</div>
    </div>
  );
}
