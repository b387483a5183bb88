import type { JobPage, JobRow, JobState } from "../../src/system/jobs/queries.ts";
import type { FailedEffect } from "../../src/platform/outbox/index.ts";
import {
  ActionButton,
  Clock,
  Field,
  Filters,
  Panel,
  StateBadge,
  Table,
  type Tone,
} from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";
import { nameOf } from "../messages/index.ts";

const tones: Record<JobState, Tone> = { due: "info", running: "info", done: "good", failed: "bad" };
const states: readonly JobState[] = ["due", "running", "done", "failed"];

export interface JobsPageProps {
  v: ViewContext;
  jobs: JobPage;
  /** Effects that did not arrive. */
  failed: readonly FailedEffect[];
  state: JobState | undefined;
}

/** What runs by itself, what did not work, and what did not arrive. */
export function JobsPage({ v, jobs, failed, state }: JobsPageProps) {
  const { t } = v;
  return (
    <Page v={v} title={t("jobs.title")} lead={t("jobs.lead")}>
      {failed.length > 0 && <Undelivered v={v} failed={failed} />}
      <Filters v={v} action="/jobs" label={t("jobs.filter")} active={state !== undefined} results="jobs">
        <Field
          v={v}
          type="select"
          name="state"
          label={t("jobs.column.state")}
          value={state}
          blank={t("jobs.filter.all")}
          options={states.map((s) => ({ value: s, label: t(`jobs.state.${s}`) }))}
        />
      </Filters>
      <Table<JobRow>
        v={v}
        id="jobs"
        caption={t("jobs.title")}
        rows={jobs.rows}
        rowName={(row) => row.job}
        columns={[
          {
            key: "job",
            label: t("jobs.column.job"),
            cell: (row) => nameOf(t, "action", row.job),
            primary: true,
          },
          { key: "id", label: t("common.id"), cell: (row) => row.job, mono: true, secondary: true },
          {
            key: "state",
            label: t("jobs.column.state"),
            cell: (row) => <StateBadge v={v} tone={tones[row.state]} label={t(`jobs.state.${row.state}`)} />,
          },
          {
            key: "attempts",
            label: t("jobs.column.attempts"),
            cell: (row) => v.format.number(row.attempts),
            align: "end",
          },
          {
            key: "created",
            label: t("jobs.column.created"),
            cell: (row) => <Clock v={v} at={row.created_at} />,
          },
          {
            key: "finished",
            label: t("jobs.column.finished"),
            cell: (row) => (row.finished_at === null ? "" : <Clock v={v} at={row.finished_at} />),
          },
          {
            key: "error",
            label: t("jobs.column.error"),
            cell: (row) => row.last_error ?? "",
            secondary: true,
          },
        ]}
        rowActions={(row) =>
          row.state === "failed" ? (
            <ActionButton v={v} action={`/jobs/${row.id}/retry`} label={t("jobs.retry")} kind="quiet" />
          ) : null
        }
        pages={{
          next:
            jobs.next === undefined
              ? undefined
              : `/jobs?after=${jobs.next}${state === undefined ? "" : `&state=${state}`}`,
        }}
        empty={{ title: t("jobs.empty"), text: t("jobs.empty.text") }}
      />
    </Page>
  );
}

function Undelivered({ v, failed }: { v: ViewContext; failed: readonly FailedEffect[] }) {
  const { t } = v;
  return (
    <Panel title={t("jobs.effects")}>
      <p>{t("jobs.effects.lead")}</p>
      <Table<FailedEffect>
        v={v}
        id="effects"
        caption={t("jobs.effects")}
        rows={failed}
        rowName={(row) => row.kind}
        columns={[
          { key: "kind", label: t("jobs.column.effect"), cell: (row) => row.kind, primary: true, mono: true },
          {
            key: "attempts",
            label: t("jobs.column.attempts"),
            cell: (row) => v.format.number(row.attempts),
            align: "end",
          },
          {
            key: "created",
            label: t("jobs.column.created"),
            cell: (row) => <Clock v={v} at={row.created_at} />,
          },
          { key: "error", label: t("jobs.column.error"), cell: (row) => row.last_error ?? "" },
        ]}
        rowActions={(row) => (
          <ActionButton v={v} action={`/jobs/effects/${row.id}/retry`} label={t("jobs.retry")} kind="quiet" />
        )}
        empty={{ title: t("jobs.empty"), text: t("jobs.empty.text") }}
      />
    </Panel>
  );
}
