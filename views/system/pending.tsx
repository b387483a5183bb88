import { LinkButton, Notice } from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Frame } from "./frame.tsx";

/** The answer to what needs a second person: it waits, and where. */
export function PendingPage({ v, approval }: { v: ViewContext; approval: string | null }) {
  const href = approval === null ? "/approvals" : `/approvals/${encodeURIComponent(approval)}`;
  return (
    <Frame v={v} title={v.t("system.pending")}>
      <Notice v={v} tone="info" live>
        {v.t("refusal.pending-approval")}
      </Notice>
      <LinkButton v={v} label={v.t("system.pending.open")} href={href} kind="primary" />
    </Frame>
  );
}
