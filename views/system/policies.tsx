import type { PolicyList, PolicyRow } from "../../src/system/policies/queries.ts";
import { Clock, Digest, Notice, StateBadge, Table } from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";
import { nameOf } from "../messages/index.ts";

/** Every version of every policy file that the database holds, and what is wrong with those on the disk. */
export function PoliciesPage({ v, policies }: { v: ViewContext; policies: Omit<PolicyList, "text"> }) {
  const { t } = v;
  return (
    <Page v={v} title={t("policies.title")} lead={t("policies.lead")}>
      {policies.errors.length > 0 && (
        <Notice v={v} tone="warn">
          <p>
            {t("policies.errors", { count: policies.errors.length })} {t("policies.errors.lead")}
          </p>
          <ul>
            {policies.errors.map((error) => (
              <li>
                <code>{`${error.file}:${error.line}`}</code> {error.message}
              </li>
            ))}
          </ul>
        </Notice>
      )}
      <Table<PolicyRow>
        v={v}
        id="policies"
        caption={t("policies.title")}
        rows={policies.versions}
        rowName={(row) => `${row.document} ${row.version}`}
        columns={[
          {
            key: "document",
            label: t("policies.column.document"),
            // the file of rights has no head that names it
            cell: (row) =>
              row.document === "access" ? nameOf(t, "policies.document", row.document) : row.document,
            primary: true,
          },
          { key: "version", label: t("policies.column.version"), cell: (row) => row.version },
          { key: "state", label: t("policies.column.state"), cell: (row) => <State v={v} row={row} /> },
          {
            key: "effective",
            label: t("policies.column.effective"),
            cell: (row) => (row.effective_from === null ? "" : <Clock v={v} at={row.effective_from} />),
          },
          {
            key: "hash",
            label: t("policies.column.hash"),
            cell: (row) => <Digest value={row.sha256} />,
            secondary: true,
          },
        ]}
        rowHref={(row) => `/policies/${encodeURIComponent(row.document)}`}
        empty={{ title: t("policies.empty"), text: t("policies.empty.text") }}
      />
    </Page>
  );
}

function State({ v, row }: { v: ViewContext; row: PolicyRow }) {
  if (row.inForce) return <StateBadge v={v} tone="good" label={v.t("policies.state.in-force")} />;
  return row.state === "draft" ? (
    <StateBadge v={v} tone="warn" label={v.t("policies.state.draft")} />
  ) : (
    <StateBadge v={v} tone="neutral" label={v.t("policies.state.published")} />
  );
}
