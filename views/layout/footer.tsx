import { Clock } from "../components/clock.tsx";
import type { ViewContext } from "../context.ts";

/** What to quote when something is wrong: the request and the time of this page. */
export function Footer({ v }: { v: ViewContext }) {
  return (
    <footer class="footer">
      <p>
        {v.t("shell.request")} <code>{v.requestId}</code>
      </p>
      <p>
        <Clock v={v} at={v.now} /> · {v.t("shell.zone", { zone: v.timezone })}
      </p>
    </footer>
  );
}
