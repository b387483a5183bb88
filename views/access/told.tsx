import { ActionButton, Clock, Link, Panel } from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { isMessageKey, nameOf } from "../messages/index.ts";
import type { NoticeRow } from "../../src/access/notices/queries.ts";

/** What the console has to tell this person. Nothing to tell shows nothing. */
export function Told({ v, notices }: { v: ViewContext; notices: readonly NoticeRow[] }) {
  const { t } = v;
  if (notices.length === 0) return null;
  return (
    <Panel
      title={t("access.told")}
      aside={
        <ActionButton v={v} action="/notices/read" label={t("access.told.read-all")} kind="quiet" small />
      }
    >
      <ul class="told">
        {notices.map((notice) => (
          <li>
            {notice.href === null ? (
              toldText(v, notice)
            ) : (
              <Link href={notice.href}>{toldText(v, notice)}</Link>
            )}{" "}
            <Clock v={v} at={notice.at} show="relative" />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** The words of a notice; names of roles and operations in them are translated. */
export function toldText(v: ViewContext, { kind, facts }: Pick<NoticeRow, "kind" | "facts">): string {
  const key = `told.${kind}`;
  if (!isMessageKey(key)) return kind;
  const words = Object.fromEntries(
    Object.entries(facts).map(([name, value]) => {
      if (name === "role") return [name, nameOf(v.t, "role", String(value))];
      if (name === "operation") return [name, nameOf(v.t, "action", String(value))];
      if (name === "what") return [name, nameOf(v.t, "access.credential", String(value))];
      return [name, value];
    }),
  );
  return v.t(key, words);
}
