import type { SavedSearch } from "../../src/audit/saved.ts";
import type { EntryPage } from "../../src/audit/search.ts";
import {
  ActionButton,
  Button,
  ErrorSummary,
  errorOf,
  Field,
  type FieldError,
  Filters,
  Form,
  HiddenField,
  Link,
  LinkButton,
  Notice,
  Panel,
} from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";
import { ChartLater } from "./chart.tsx";
import { type EntryLinks, EventTable } from "./event-table.tsx";
import { word } from "./names.ts";

export interface ExplorerProps {
  v: ViewContext;
  /** The filter as it was typed. */
  typed: Readonly<Record<string, string>>;
  page: EntryPage;
  links: EntryLinks;
  /** Where the chart of this search is; undefined where there is none to see. */
  chartHref: string | undefined;
  saved: readonly SavedSearch[] | undefined;
  /** What the one box did not understand. */
  nothingFound?: boolean | undefined;
  /** Of the form that keeps this search. */
  errors?: readonly FieldError[] | undefined;
  /** Of the filter; then nothing was searched for. */
  filterErrors?: readonly FieldError[] | undefined;
}

/** The explorer of the log. */
export function ExplorerPage(props: ExplorerProps) {
  const { v, typed, page, links, chartHref, saved, nothingFound, filterErrors = [] } = props;
  const { t } = v;
  const active = Object.keys(typed).length > 0;
  const query = new URLSearchParams(typed).toString();
  return (
    <Page
      v={v}
      title={t("audit.title")}
      lead={t("audit.lead")}
      actions={
        <>
          {v.viewer?.can("audit.export") === true && (
            <LinkButton
              v={v}
              label={t("audit.export")}
              href={`/audit/export?${query}`}
              icon="download"
              command="audit.export"
            />
          )}
          {v.viewer?.can("audit.status") === true && (
            <LinkButton v={v} label={t("audit.status")} href="/audit/status" kind="quiet" />
          )}
        </>
      }
    >
      {nothingFound === true && (
        <Notice v={v} tone="warn" live>
          {t("audit.find.nothing")}
        </Notice>
      )}
      <Form v={v} action="/audit/find" class="filters">
        <Field v={v} type="search" name="text" label={t("audit.find")} hint={t("audit.find.hint")} />
        <Button v={v} label={t("audit.find")} icon="search" />
      </Form>
      <Filters v={v} action="/audit" label={t("audit.filters")} active={active}>
        <ErrorSummary v={v} errors={filterErrors} />
        <FilterFields v={v} typed={typed} errors={filterErrors} />
      </Filters>
      {chartHref !== undefined && <ChartLater v={v} href={chartHref} />}
      <EventTable v={v} entries={page.entries} links={links} />
      {saved !== undefined && <Saved {...props} saved={saved} active={active} />}
    </Page>
  );
}

const often = ["actor", "action", "target", "ip"] as const;
const seldom = ["category", "type", "field", "purpose", "incident", "request"] as const;
const outcomes = ["success", "denied", "failure", "pending"];
const severities = ["0", "1", "2", "3", "4", "5"];

function FilterFields({
  v,
  typed,
  errors,
}: {
  v: ViewContext;
  typed: Readonly<Record<string, string>>;
  errors: readonly FieldError[];
}) {
  const { t } = v;
  const isUsed = [...seldom, "severity"].some((name) => typed[name] !== undefined);
  const time = (text: string | undefined) =>
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(text ?? "") ? text : undefined;
  return (
    <>
      {(["from", "to"] as const).map((name) => (
        <Field
          v={v}
          type="datetime-local"
          name={name}
          label={t(`audit.filter.${name}`)}
          value={time(typed[name])}
          error={errorOf(errors, name)}
        />
      ))}
      {often.map((name) => (
        <Field
          v={v}
          name={name}
          label={t(`audit.filter.${name}`)}
          value={typed[name]}
          error={errorOf(errors, name)}
          maxlength={100}
        />
      ))}
      <Field
        v={v}
        type="select"
        name="outcome"
        label={t("audit.filter.outcome")}
        value={typed["outcome"]}
        blank={t("audit.any")}
        options={outcomes.map((value) => ({ value, label: word(v, "outcome", value) }))}
      />
      <details open={isUsed}>
        <summary>{t("audit.filters.more")}</summary>
        <div class="filters-more">
          <Field
            v={v}
            type="select"
            name="severity"
            label={t("audit.filter.severity")}
            value={typed["severity"]}
            blank={t("audit.any")}
            options={severities.map((value) => ({ value, label: word(v, "severity", value) }))}
          />
          {seldom.map((name) => (
            <Field
              v={v}
              name={name}
              label={t(`audit.filter.${name}`)}
              value={typed[name]}
              error={errorOf(errors, name)}
              maxlength={100}
            />
          ))}
        </div>
      </details>
    </>
  );
}

function Saved({
  v,
  saved,
  typed,
  active,
  errors = [],
}: ExplorerProps & { saved: readonly SavedSearch[]; active: boolean }) {
  const { t } = v;
  const mayKeep = v.viewer?.can("audit.save_search") === true;
  return (
    <Panel title={t("audit.saved")}>
      {saved.length === 0 ? (
        <p>{t("audit.saved.none")}</p>
      ) : (
        <ul class="plain">
          {saved.map(({ id, name, href }) => (
            <li>
              <Link href={href}>{name}</Link>{" "}
              {mayKeep && (
                <ActionButton
                  v={v}
                  action={`/audit/searches/${id}/delete`}
                  label={t("audit.saved.delete", { name })}
                  kind="quiet"
                  small
                />
              )}
            </li>
          ))}
        </ul>
      )}
      {mayKeep && active && (
        <Form v={v} action="/audit/searches" errors={errors}>
          {Object.entries(typed).map(([name, value]) => (
            <HiddenField name={`f_${name}`} value={value} />
          ))}
          <Field v={v} name="name" label={t("audit.saved.name")} maxlength={100} required />
          <Button v={v} label={t("audit.saved.save")} />
        </Form>
      )}
    </Panel>
  );
}
