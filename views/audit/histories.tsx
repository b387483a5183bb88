import type { HistogramOf } from "../../src/audit/histogram.ts";
import type { seenBy } from "../../src/audit/history.ts";
import type { EntryPage } from "../../src/audit/search.ts";
import { BarChart, Clock, Panel, Table } from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";
import { EventChart } from "./chart.tsx";
import { type EntryLinks, EventTable, Outcome, PersonLink, shortId, targetName } from "./event-table.tsx";
import { actionName, fieldName, objectName, purposeName } from "./names.ts";

const crumbs = (v: ViewContext) => [{ label: v.t("audit.title"), href: "/audit", needs: "audit.search" }];

/** An object whose history this is: its kind, its id, and what the log calls it. */
interface Named {
  type: string;
  id: string;
  label: string | null;
}

/** The page of a member or a colleague, where the log knows them; for the way back there. */
function ownPage(v: ViewContext, { type, id, label }: Named) {
  if (label === null) return [];
  const name = v.t("audit.crumb", { type: objectName(v, type), name: label });
  if (type === "member") return [{ label: name, href: `/members/${id}`, needs: "members.view" }];
  if (type !== "staff" && type !== "person") return [];
  return UUID.test(id) ? [{ label: name, href: `/staff/${id}`, needs: "staff.view" }] : [];
}

/** A job or a service has a word for an id, and no page of its own. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Everything about one object. */
export function ObjectPage(props: {
  v: ViewContext;
  type: string;
  page: EntryPage & { id: string; label: string | null };
  links: EntryLinks;
}) {
  const { v, type, page, links } = props;
  const { id, label } = page;
  const name = targetName(v, { type, id, label: label ?? undefined });
  return (
    <Page
      v={v}
      title={v.t("audit.object", { type: objectName(v, type), name })}
      lead={v.t("audit.object.lead", { id: actionName(v, id) })}
      crumbs={[...crumbs(v), ...ownPage(v, { type, id, label })]}
    >
      <EventTable v={v} entries={page.entries} links={links} />
    </Page>
  );
}

/** Everything one person did. */
export function PersonPage(props: {
  v: ViewContext;
  page: EntryPage & {
    id: string;
    label: string | null;
    histogram: HistogramOf;
    actions: readonly { action: string; events: number }[];
  };
  links: EntryLinks;
  spanHref: (from: Date, to: Date) => string;
}) {
  const { v, page, links, spanHref } = props;
  const { id, label } = page;
  return (
    <Page
      v={v}
      title={v.t("audit.person", { name: actionName(v, label ?? shortId(id)) })}
      lead={v.t("audit.person.lead", { id })}
      crumbs={[...crumbs(v), ...ownPage(v, { type: "person", id, label })]}
    >
      <EventChart v={v} histogram={page.histogram} href={spanHref} />
      {page.actions.length > 0 && (
        <BarChart
          v={v}
          title={v.t("audit.person.frequent")}
          labelHeader={v.t("audit.column.action")}
          bars={page.actions.map(({ action, events }) => ({
            label: actionName(v, action),
            value: events,
            href: `/audit?actor=${encodeURIComponent(id)}&action=${encodeURIComponent(action)}`,
          }))}
        />
      )}
      <EventTable v={v} entries={page.entries} links={links} />
    </Page>
  );
}

export type Seen = Awaited<ReturnType<typeof seenBy.run>>;

/** Who saw a member's data. */
export function SeenPage({ v, id, seen }: { v: ViewContext; id: string; seen: Seen }) {
  const { t } = v;
  const empty = { title: t("audit.seen.none"), text: t("audit.seen.none.text"), icon: "eye" as const };
  return (
    <Page
      v={v}
      title={t("audit.seen", { name: seen.label ?? shortId(id) })}
      lead={t("audit.seen.lead", { id })}
      crumbs={[...crumbs(v), ...ownPage(v, { type: "member", id, label: seen.label })]}
    >
      <Panel title={t("audit.seen.people")}>
        <Table<Seen["people"][number]>
          v={v}
          id="people"
          caption={t("audit.seen.people")}
          rows={seen.people}
          rowName={(row) => row.actor}
          columns={[
            {
              key: "actor",
              label: t("audit.column.actor"),
              cell: (row) => {
                const name = seen.looks.find(({ actor }) => actor === row.actor)?.display;
                return (
                  <PersonLink v={v} id={row.actor}>
                    {name ?? shortId(row.actor)}
                  </PersonLink>
                );
              },
              primary: true,
            },
            {
              key: "looks",
              label: t("audit.column.looks"),
              cell: (row) => v.format.number(row.looks),
              align: "end",
            },
            { key: "last", label: t("audit.column.last"), cell: (row) => <Clock v={v} at={row.last} /> },
          ]}
          empty={empty}
        />
      </Panel>
      <Panel title={t("audit.seen.looks")}>
        <Table<Seen["looks"][number]>
          v={v}
          id="looks"
          caption={t("audit.seen.looks")}
          rows={seen.looks}
          rowName={(row) => `${row.idx}`}
          rowHref={(row) => `/audit/events/${row.idx}`}
          columns={[
            {
              key: "at",
              label: t("audit.column.at"),
              cell: (row) => <Clock v={v} at={row.at} />,
              primary: true,
            },
            { key: "actor", label: t("audit.column.actor"), cell: (row) => actionName(v, row.display) },
            { key: "action", label: t("audit.column.action"), cell: (row) => actionName(v, row.action) },
            {
              key: "fields",
              label: t("audit.column.fields"),
              cell: (row) => row.fields.map((field) => fieldName(v, "members", field)).join(", ") || "—",
            },
            {
              key: "purpose",
              label: t("audit.column.purpose"),
              cell: (row) => (row.purpose === null ? "—" : purposeName(v, "members", row.purpose)),
            },
            {
              key: "outcome",
              label: t("audit.column.outcome"),
              cell: (row) => <Outcome v={v} outcome={row.outcome} />,
            },
          ]}
          empty={empty}
        />
      </Panel>
    </Page>
  );
}
