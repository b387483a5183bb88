import type { JobPage, JobRow, JobState } from "../../src/system/jobs/queries.ts";
import { ActionButton, Clock, Field, Filters, StateBadge, Table, type Tone } from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";

const tones: Record<JobState, Tone> = { due: "info", running: "info", done: "good", failed: "bad" };
const states: readonly JobState[] = ["due", "running", "done", "failed"];

/** What runs by itself, and what did not work. */
export function JobsPage({ v, jobs, state }: { v: ViewContext; jobs: JobPage; state: JobState | undefined }) {
  const { t } = v;
  return (
    <Page v={v} title={t("jobs.title")} lead={t("jobs.lead")}>
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
          { key: "job", label: t("jobs.column.job"), cell: (row) => row.job, primary: true, mono: true },
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
