import type { Choices } from "../../src/mall/members/choices.ts";
import type { ListRow } from "../../src/mall/members/list.ts";
import {
  ActionButton,
  Button,
  errorOf,
  Field,
  type FieldError,
  Filters,
  Form,
  LinkButton,
  Notice,
  Panel,
  Table,
} from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";
import { nameOf } from "../messages/index.ts";
import { memberColumns, membersCrumb } from "./parts.tsx";

export interface ListFilters {
  tier?: string | undefined;
  status?: string | undefined;
  review?: string | undefined;
}

export interface MembersPageProps {
  v: ViewContext;
  choices: Choices;
  filters: ListFilters;
  list: {
    rows: readonly ListRow[];
    next: string | undefined;
    previous: string | undefined;
    total: number;
    more: boolean;
  };
}

/** All members behind their masks, with filters in the address and the search beside it. */
export function MembersPage({ v, choices, filters, list }: MembersPageProps) {
  const { t } = v;
  const address = (page: Record<string, string>) =>
    `/members?${new URLSearchParams({ ...chosen(filters), ...page })}`;
  return (
    <Page
      v={v}
      title={t("members.title")}
      lead={t("members.lead")}
      actions={<ListActions v={v} />}
      personalData
    >
      {v.viewer?.can("members.search") === true && <SearchForm v={v} choices={choices} />}
      <Filters
        v={v}
        action="/members"
        label={t("members.list")}
        results="members"
        active={Object.keys(chosen(filters)).length > 0}
      >
        <Choice v={v} name="tier" value={filters.tier} values={choices.tiers} />
        <Choice v={v} name="status" value={filters.status} values={choices.statuses} />
        <Choice v={v} name="review" value={filters.review} values={choices.reviewStates} />
      </Filters>
      <Table
        v={v}
        id="members"
        caption={t("members.list")}
        columns={memberColumns(v)}
        rows={list.rows}
        rowName={(row) => row.no}
        rowHref={(row) => `/members/${row.id}`}
        pages={{
          total: list.total,
          more: list.more,
          next: list.next === undefined ? undefined : address({ after: list.next }),
          previous: list.previous === undefined ? undefined : address({ before: list.previous }),
        }}
        empty={{ title: t("members.list.empty"), text: t("members.list.empty.text"), icon: "members" }}
      />
    </Page>
  );
}

function ListActions({ v }: { v: ViewContext }) {
  const { t, viewer } = v;
  return (
    <>
      {viewer?.can("members.imports") === true && (
        <LinkButton v={v} label={t("members.imports")} href="/members/imports" icon="upload" />
      )}
      {viewer?.can("members.register") === true && (
        <LinkButton v={v} label={t("members.register")} href="/members/new" icon="plus" kind="primary" />
      )}
    </>
  );
}

function Choice(props: {
  v: ViewContext;
  name: "tier" | "status" | "review";
  value: string | undefined;
  values: readonly string[];
}) {
  const { v, name, value, values } = props;
  return (
    <Field
      v={v}
      type="select"
      name={name}
      label={v.t(`members.field.${name}`)}
      value={value}
      blank={v.t("members.any")}
      options={values.map((one) => ({ value: one, label: nameOf(v.t, `members.${name}`, one) }))}
      required
    />
  );
}

function chosen(filters: ListFilters): Record<string, string> {
  return Object.fromEntries(
    Object.entries(filters).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
}

/** Posted, so that what is searched for stands in no address. */
function SearchForm(props: {
  v: ViewContext;
  choices: Choices;
  by?: string;
  errors?: readonly FieldError[];
}) {
  const { v, choices, by, errors = [] } = props;
  const { t } = v;
  return (
    <Panel title={t("members.search")}>
      <Form v={v} action="/members/search" class="filters" errors={errors}>
        <Field
          v={v}
          type="select"
          name="by"
          label={t("members.search.by")}
          value={by ?? "phone"}
          options={choices.searchKinds.map((kind) => ({ value: kind, label: t(`members.search.${kind}`) }))}
          required
        />
        <Field
          v={v}
          name="text"
          label={t("members.search.text")}
          hint={t("members.search.hint")}
          error={errorOf(errors, "text")}
          maxlength={300}
          autocomplete="off"
          required
        />
        <div class="filters-actions">
          <Button v={v} label={t("common.search")} icon="search" kind="primary" />
        </div>
      </Form>
    </Panel>
  );
}

export interface SearchPageProps {
  v: ViewContext;
  choices: Choices;
  by?: string;
  /** Absent before the first search and when the search was not understood. */
  found?: { rows: readonly ListRow[]; rest: string | null };
  errors?: readonly FieldError[];
}

/** What a search found, and the way on through what it did not look at. The value itself is not repeated on the page. */
export function SearchPage({ v, choices, by, found, errors = [] }: SearchPageProps) {
  const { t } = v;
  return (
    <Page
      v={v}
      title={t("members.search.results")}
      crumbs={[membersCrumb(v)]}
      actions={<LinkButton v={v} label={t("members.all")} href="/members" kind="quiet" />}
      personalData
    >
      <SearchForm v={v} choices={choices} errors={errors} {...(by === undefined ? {} : { by })} />
      {found !== undefined && (
        <>
          <Notice v={v} tone={found.rows.length > 0 ? "info" : "warn"} live>
            {t("members.search.found", { count: found.rows.length })}
            {found.rest !== null && ` ${t("members.search.rest")}`}
          </Notice>
          {found.rest !== null && (
            <ActionButton
              v={v}
              label={t("members.search.on")}
              icon="search"
              action="/members/search"
              values={{ by: "rest", text: found.rest }}
            />
          )}
          <Table
            v={v}
            id="found"
            caption={t("members.search.results")}
            columns={memberColumns(v)}
            rows={found.rows}
            rowName={(row) => row.no}
            rowHref={(row) => `/members/${row.id}`}
            empty={{ title: t("members.list.empty"), icon: "search" }}
          />
        </>
      )}
    </Page>
  );
}
