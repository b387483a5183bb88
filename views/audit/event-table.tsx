import type { Child } from "hono/jsx";
import type { Entry } from "../../src/audit/entry.ts";
import { Clock, Link, StateBadge, Table } from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { actionName, objectName, outcomeTone, severityTone, word } from "./names.ts";

/** Where the neighbours of a page are. */
export interface EntryLinks {
  older: string | undefined;
  newer: string | undefined;
}

/** Events of the log, newest first: the one table of all its lists. */
export function EventTable({
  v,
  entries,
  links,
}: {
  v: ViewContext;
  entries: readonly Entry[];
  links: EntryLinks;
}) {
  const { t } = v;
  return (
    <Table<Entry>
      v={v}
      id="events"
      caption={t("audit.events")}
      rows={entries}
      rowName={(entry) => `${actionName(v, entry.action)} ${entry.idx}`}
      rowHref={(entry) => `/audit/events/${entry.idx}`}
      columns={[
        { key: "at", label: t("audit.column.at"), cell: (entry) => <Clock v={v} at={entry.at} /> },
        {
          key: "action",
          label: t("audit.column.action"),
          cell: (entry) => actionName(v, entry.action),
          primary: true,
        },
        { key: "actor", label: t("audit.column.actor"), cell: (entry) => <ActorLink v={v} entry={entry} /> },
        { key: "target", label: t("audit.column.target"), cell: (entry) => <Targets v={v} entry={entry} /> },
        {
          key: "outcome",
          label: t("audit.column.outcome"),
          cell: (entry) => <Outcome v={v} outcome={entry.outcome} />,
        },
        {
          key: "severity",
          label: t("audit.column.severity"),
          cell: (entry) => <Severity v={v} severity={entry.severity} />,
          secondary: true,
        },
        {
          key: "index",
          label: t("audit.column.index"),
          cell: (entry) => v.format.number(entry.idx),
          align: "end",
          secondary: true,
        },
      ]}
      pages={{ previous: links.newer, next: links.older }}
      empty={{ title: t("audit.empty"), text: t("audit.empty.text") }}
    />
  );
}

/** Who did it. A job is called by what it does. */
export function ActorLink({ v, entry }: { v: ViewContext; entry: Entry }) {
  const { actor } = entry.event;
  if (actor.type === "scheduler") return <>{actionName(v, actor.id)}</>;
  if (actor.type !== "user" && actor.type !== "break_glass") return <>{actor.display || actor.id}</>;
  return (
    <PersonLink v={v} id={actor.id}>
      {actor.display}
    </PersonLink>
  );
}

/** A person leads to everything they did, for those who may read that. */
export function PersonLink({ v, id, children }: { v: ViewContext; id: string; children?: Child }) {
  if (v.viewer?.can("audit.person") !== true) return <>{children}</>;
  return <Link href={`/audit/person/${encodeURIComponent(id)}`}>{children}</Link>;
}

/** Objects shown in a row; the page of the event shows all. */
const SHOWN = 2;

function Targets({ v, entry }: { v: ViewContext; entry: Entry }) {
  const { target } = entry.event;
  return (
    <>
      {target.slice(0, SHOWN).map(({ type, id, label }, n) => (
        <>
          {n > 0 && ", "}
          <Link href={`/audit/object/${encodeURIComponent(type)}/${encodeURIComponent(id)}`}>
            {objectName(v, type)} {targetName(v, { type, id, label })}
          </Link>
        </>
      ))}
      {target.length > SHOWN && ` +${target.length - SHOWN}`}
    </>
  );
}

/** What an object is called: by its label, a permission by what it permits, anything else by its id. */
export function targetName(
  v: ViewContext,
  { type, id, label }: { type: string; id: string; label?: string | undefined },
): string {
  return actionName(v, type === "permission" ? id : (label ?? shortId(id)));
}

/** The end of an id tells two apart; its beginning is only its time. */
export const shortId = (id: string): string => (id.length > 12 ? `…${id.slice(-8)}` : id);

/** How it ended; why is on the event's page. */
export function Outcome({ v, outcome }: { v: ViewContext; outcome: string }) {
  return <StateBadge v={v} tone={outcomeTone(outcome)} label={word(v, "outcome", outcome)} />;
}

export function Severity({ v, severity }: { v: ViewContext; severity: number }) {
  return <StateBadge v={v} tone={severityTone(severity)} label={word(v, "severity", String(severity))} />;
}
