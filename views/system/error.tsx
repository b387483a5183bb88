import type { ErrorFacts } from "../../src/platform/http/ports.ts";
import { LinkButton, Notice } from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { isMessageKey } from "../messages/index.ts";
import { Frame } from "./frame.tsx";

/** What went wrong, what was kept, and what to do next. Never how it went wrong inside (ASVS 16.5.1). */
export function ErrorPage({ v, facts }: { v: ViewContext; facts: ErrorFacts }) {
  const { status, message, issues, retryAfter } = facts;
  const key = `system.error.${status}`;
  return (
    <Frame v={v} title={v.t(isMessageKey(key) ? key : "system.error.500")}>
      <Notice v={v} tone={status >= 500 ? "bad" : "warn"} live>
        <p>{message}</p>
        {issues.length > 0 && (
          <ul>
            {issues.map((issue) => (
              <li>{issue}</li>
            ))}
          </ul>
        )}
        {retryAfter !== null && <p>{v.t("system.error.retry", { seconds: retryAfter })}</p>}
        {status === 422 && <p>{v.t("system.back")}</p>}
        {status >= 500 && (
          <p>
            {v.t("shell.request")} <code>{v.requestId}</code>
          </p>
        )}
      </Notice>
      {!v.fragment && <LinkButton v={v} label={v.t("system.error.home")} href="/" />}
    </Frame>
  );
}
