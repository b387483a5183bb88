import { Button, Field, type FieldError, Form, HiddenField, Panel } from "../components/index.ts";
import { errorOf } from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";
import { actionName, word } from "./names.ts";

/** What can be taken out of the log, and what each proves. */
export function ExportPage(props: {
  v: ViewContext;
  /** How many events the log has. */
  size: number;
  /** The filter of the search that led here. */
  typed: Readonly<Record<string, string>>;
  range?: { from: string; to: string };
  errors?: readonly FieldError[];
}) {
  const { v, size, typed, errors = [] } = props;
  const { t } = v;
  const range = props.range ?? { from: "0", to: String(size) };
  return (
    <Page
      v={v}
      title={t("audit.export")}
      lead={t("audit.export.lead")}
      crumbs={[{ label: t("audit.title"), href: "/audit", needs: "audit.search" }]}
    >
      <Panel title={t("audit.export.range")}>
        <p>{t("audit.export.range.text", { size: v.format.number(size) })}</p>
        <Form v={v} action="/audit/export" errors={errors} idempotencyKey={v.formKey()}>
          <HiddenField name="format" value="bundle" />
          {(["from", "to"] as const).map((name) => (
            <Field
              v={v}
              name={name}
              label={t(`audit.export.${name}`)}
              value={range[name]}
              inputmode="numeric"
              error={errorOf(errors, name)}
              required
            />
          ))}
          <div class="actions">
            <Button
              v={v}
              label={t("audit.export.bundle")}
              kind="primary"
              icon="download"
              command="audit.export"
            />
          </div>
        </Form>
      </Panel>
      <Panel title={t("audit.export.filtered")}>
        <p>{t("audit.export.filtered.text")}</p>
        <FilterList v={v} typed={typed} />
        <Form v={v} action="/audit/export" idempotencyKey={v.formKey()}>
          {Object.entries(typed).map(([name, value]) => (
            <HiddenField name={`f_${name}`} value={value} />
          ))}
          <div class="actions">
            {(["jsonl", "csv"] as const).map((format) => (
              <Button
                v={v}
                label={t(`audit.export.${format}`)}
                name="format"
                value={format}
                icon="download"
                command="audit.export"
              />
            ))}
          </div>
        </Form>
      </Panel>
    </Page>
  );
}

function FilterList({ v, typed }: { v: ViewContext; typed: Readonly<Record<string, string>> }) {
  const { t } = v;
  const entries = Object.entries(typed);
  if (entries.length === 0) return <p>{t("audit.export.everything")}</p>;
  return (
    <ul class="plain">
      {entries.map(([name, value]) => (
        <li>
          {filterLabel(v, name)}: {filterValue(v, name, value)}
        </li>
      ))}
    </ul>
  );
}

const labels = [
  "from",
  "to",
  "actor",
  "action",
  "category",
  "type",
  "target",
  "field",
  "purpose",
  "outcome",
  "severity",
  "incident",
  "ip",
  "request",
] as const;

function filterValue(v: ViewContext, name: string, value: string): string {
  if (name === "outcome") return word(v, "outcome", value);
  return name === "action" ? actionName(v, value) : value;
}

function filterLabel(v: ViewContext, name: string): string {
  const known = labels.find((label) => label === name);
  return known === undefined ? name : v.t(`audit.filter.${known}`);
}
