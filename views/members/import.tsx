import type { Choices } from "../../src/mall/members/choices.ts";
import type { importReport, ReportRow } from "../../src/mall/members/import/queries.ts";
import {
  ActionButton,
  Actions,
  Clock,
  Digest,
  Facts,
  Field,
  Filters,
  Link,
  LinkButton,
  following,
  Notice,
  Panel,
  Progress,
  StateBadge,
  Table,
  type Tone,
} from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";
import { isMessageKey, nameOf } from "../messages/index.ts";
import { ImportBadge } from "./imports.tsx";
import { membersCrumb } from "./parts.tsx";

export type Report = Awaited<ReturnType<typeof importReport.run>>;
type Import = Report["import"];

const outcomes = ["created", "changed", "unchanged", "refused"] as const;
const tones: Record<ReportRow["outcome"], Tone> = {
  created: "good",
  changed: "info",
  unchanged: "neutral",
  refused: "warn",
};

export interface ImportPageProps {
  v: ViewContext;
  choices: Choices;
  report: Report;
  outcome?: string | undefined;
}

/** One import from its dry run to its end: how far it is, what became of each row, and the next step. */
export function ImportPage({ v, choices, report, outcome }: ImportPageProps) {
  const { t } = v;
  const { import: found } = report;
  const at = `/members/imports/${found.id}`;
  const working = isWorking(found);
  // without script the link of the next step shows how far it is
  const follow = working ? following(v, "import", at) : { block: { id: "import" }, part: {} };
  return (
    <Page
      v={v}
      title={t("members.import", { when: v.format.dateTime(found.created_at) })}
      crumbs={[membersCrumb(v), { label: t("members.imports"), href: "/members/imports" }]}
    >
      <div {...follow.block}>
        <div class="following" {...follow.part}>
          <ImportStanding v={v} found={found} />
        </div>
        {found.stopped !== null && (
          <Notice v={v} tone="bad" live>
            <p>{nameOf(t, "members.import.stopped", found.stopped)}</p>
            <p>{t("members.import.stopped.kept")}</p>
          </Notice>
        )}
        <NextStep v={v} choices={choices} found={found} at={at} />
        {/* while rows come in there is nothing to leaf through yet */}
        {!working && report.import.rows_done > 0 && (
          <ReportTable v={v} report={report} at={at} outcome={outcome} />
        )}
      </div>
    </Page>
  );
}

/** Rows still come in. */
export function isWorking(found: Import): boolean {
  return found.state === "checking" || found.state === "running";
}

/** How far an import is, and what became of its rows so far. Plain markup: a stream sends it too. */
export function ImportStanding({ v, found }: { v: ViewContext; found: Import }) {
  const { t } = v;
  const seconds = Math.max(1, (found.touched_at.getTime() - found.phase_at.getTime()) / 1_000);
  const rate = found.rows_done / seconds;
  const total = found.state === "running" ? found.checked_rows : null;
  const left = total === null || rate === 0 ? null : (total - found.rows_done) / rate;
  return (
    <Panel>
      {(found.state === "checking" || found.state === "running") && (
        <Progress
          v={v}
          label={t(`members.import.state.${found.state}`)}
          done={found.rows_done}
          rate={rate}
          {...(total === null ? {} : { total })}
          {...(left === null ? {} : { left })}
        />
      )}
      <Facts
        facts={[
          { label: t("common.state"), value: <ImportBadge v={v} state={found.state} /> },
          { label: t("members.import.rows"), value: v.format.number(found.rows_done) },
          ...outcomes.map((outcome) => ({
            label: t(`members.import.outcome.${outcome}`),
            value:
              isWorking(found) || found[outcome] === 0 ? (
                v.format.number(found[outcome])
              ) : (
                <Link href={`/members/imports/${found.id}?outcome=${outcome}`}>
                  {v.format.number(found[outcome])}
                </Link>
              ),
          })),
          { label: t("members.import.started"), value: <Clock v={v} at={found.phase_at} /> },
          { label: t("members.import.size"), value: v.format.bytes(Number(found.bytes)) },
          { label: t("members.import.encoding"), value: found.encoding?.toUpperCase() },
          {
            label: t("members.import.digest"),
            value: found.sha256 === null ? null : <Digest value={found.sha256.toString("hex")} keep={16} />,
          },
        ]}
      />
    </Panel>
  );
}

function NextStep({
  v,
  choices,
  found,
  at,
}: {
  v: ViewContext;
  choices: Choices;
  found: Import;
  at: string;
}) {
  const { t } = v;
  const may = (permission: string) => v.viewer?.can(permission) === true;
  if (found.state === "refused") {
    return (
      <Notice v={v} tone="bad" live>
        <p>{problemText(v, choices, found)}</p>
        <p>{t("members.import.problem.kept")}</p>
      </Notice>
    );
  }
  const working = isWorking(found);
  const open = ["uploaded", "checking", "checked", "running"].includes(found.state);
  return (
    <Actions>
      {found.state === "checked" && found.refused < found.rows_done && may("members.import.start") && (
        <>
          <p>
            {t("members.import.start.text", {
              created: found.created,
              changed: found.changed,
              refused: found.refused,
            })}
          </p>
          <ActionButton
            v={v}
            label={t("members.import.start")}
            action={`${at}/start`}
            version={found.version}
            kind="primary"
          />
        </>
      )}
      {working && <LinkButton v={v} label={t("members.import.refresh")} href={at} />}
      {open && may("members.import.cancel") && (
        <ActionButton v={v} label={t("members.import.cancel")} action={`${at}/cancel`} kind="danger" />
      )}
      {!working && found.rows_done > 0 && (
        <LinkButton
          v={v}
          label={t("members.import.download")}
          href={`${at}/report.csv`}
          icon="download"
          download
        />
      )}
    </Actions>
  );
}

function problemText(v: ViewContext, choices: Choices, found: Import): string {
  const key = `members.import.problem.${found.problem ?? "empty"}`;
  const columns = choices.importColumns.join(", ");
  const problem = isMessageKey(key) ? v.t(key, { columns }) : key;
  return found.problem_line === null
    ? problem
    : v.t("members.import.problem.at", { problem, line: found.problem_line });
}

function ReportTable(props: { v: ViewContext; report: Report; at: string; outcome: string | undefined }) {
  const { v, report, at, outcome } = props;
  const { t } = v;
  const address = (line: number) =>
    `${at}?${new URLSearchParams({ outcome: outcome ?? "", after: String(line) })}`;
  return (
    <Panel title={t(`members.import.report.${report.phase}`)}>
      <Filters v={v} action={at} label={t("members.import.report")} active={Boolean(outcome)}>
        <Field
          v={v}
          type="select"
          name="outcome"
          label={t("members.import.outcome")}
          value={outcome}
          blank={t("members.any")}
          options={outcomes.map((value) => ({ value, label: t(`members.import.outcome.${value}`) }))}
          required
        />
      </Filters>
      <Table
        v={v}
        id="report"
        caption={t("members.import.report")}
        rows={report.rows}
        rowName={(row) => String(row.line)}
        pages={{ next: report.next === undefined ? undefined : address(report.next) }}
        empty={{
          title: t("members.import.report.empty"),
          text: t("members.import.report.empty.text"),
          icon: "file",
        }}
        columns={[
          {
            key: "line",
            label: t("members.import.line"),
            primary: true,
            cell: (row) => v.format.number(row.line),
          },
          { key: "no", label: t("members.field.member_no"), mono: true, cell: (row) => row.member_no ?? "" },
          {
            key: "outcome",
            label: t("members.import.outcome"),
            cell: (row) => (
              <StateBadge
                v={v}
                tone={tones[row.outcome]}
                label={t(`members.import.outcome.${row.outcome}`)}
              />
            ),
          },
          { key: "reason", label: t("members.import.reason"), cell: (row) => rowReason(v, row) },
        ]}
      />
    </Panel>
  );
}

/** Why a row was refused, with the column it is about. Never the value. */
export function rowReason(v: ViewContext, row: Pick<ReportRow, "code" | "field">): string {
  if (row.code === null) return "";
  const reason = nameOf(v.t, "members.row", row.code);
  return row.field === null ? reason : `${nameOf(v.t, "members.field", row.field)}: ${reason}`;
}
