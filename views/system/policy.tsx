import type { PolicyText } from "../../src/system/policies/queries.ts";
import { Clock, CodeBlock, Digest, Facts, Panel, Table } from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";
import { nameOf } from "../messages/index.ts";

/** One document as it is in force: its text as it came in, never read as markup, and its numbers as a table. */
export function PolicyPage({ v, policy }: { v: ViewContext; policy: PolicyText }) {
  const { t } = v;
  const title = policy.title?.[v.language] ?? nameOf(t, "policies.document", policy.document);
  return (
    <Page v={v} title={title} crumbs={[{ label: t("policies.title"), href: "/policies" }]}>
      <Facts
        facts={[
          { label: t("policies.column.document"), value: <code>{policy.document}</code> },
          { label: t("policies.column.version"), value: policy.version },
          {
            label: t("policies.column.effective"),
            value: policy.effective_from === null ? null : <Clock v={v} at={policy.effective_from} />,
          },
          { label: t("policies.column.hash"), value: <Digest value={policy.sha256} /> },
        ]}
      />
      {policy.parameters.length > 0 && (
        <Panel title={t("policies.parameters")}>
          <Table
            v={v}
            id="parameters"
            caption={t("policies.parameters")}
            rows={policy.parameters}
            rowName={([name]) => name}
            columns={[
              {
                key: "name",
                label: t("policies.parameter"),
                cell: ([name]) => name,
                primary: true,
                mono: true,
              },
              {
                key: "value",
                label: t("policies.parameter.value"),
                cell: ([, value]) => valueText(value),
                mono: true,
              },
            ]}
            empty={{ title: t("policies.parameters") }}
          />
        </Panel>
      )}
      <Panel title={t("policies.text")}>
        <CodeBlock v={v} text={policy.text} label={t("policies.text")} />
      </Panel>
    </Page>
  );
}

/** With room between the parts of a list: on a phone it has to break somewhere. */
function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  return JSON.stringify(value).replaceAll(/([,:])(?=["\d[{tfn])/g, "$1 ");
}
