import type { Choices } from "../../src/mall/members/choices.ts";
import type { ImportFacts } from "../../src/mall/members/import/queries.ts";
import {
  Actions,
  Button,
  Clock,
  errorOf,
  Field,
  type FieldError,
  Form,
  Panel,
  StateBadge,
  Table,
  type Tone,
} from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";
import { membersCrumb } from "./parts.tsx";

const tones: Record<ImportFacts["state"], Tone> = {
  uploading: "info",
  uploaded: "info",
  checking: "info",
  checked: "warn",
  running: "info",
  done: "good",
  refused: "bad",
  cancelled: "neutral",
};

export function ImportBadge({ v, state }: { v: ViewContext; state: ImportFacts["state"] }) {
  return <StateBadge v={v} tone={tones[state]} label={v.t(`members.import.state.${state}`)} />;
}

export interface ImportsPageProps {
  v: ViewContext;
  choices: Choices;
  imports: readonly ImportFacts[];
  megabytes: number;
  errors?: readonly FieldError[];
}

/** Where a file of members comes in, and what became of the ones before. */
export function ImportsPage({ v, choices, imports, megabytes, errors = [] }: ImportsPageProps) {
  const { t } = v;
  const number = (value: number) => v.format.number(value);
  return (
    <Page v={v} title={t("members.imports")} lead={t("members.imports.lead")} crumbs={[membersCrumb(v)]}>
      {v.viewer?.can("members.import.upload") === true && (
        <Panel>
          <Form v={v} action="/members/imports" errors={errors} upload>
            <Field
              v={v}
              type="file"
              name="file"
              label={t("members.imports.file")}
              hint={t("members.imports.file.hint", {
                columns: choices.importColumns.join(", "),
                limit: megabytes,
              })}
              accept=".csv,text/csv"
              error={errorOf(errors, "file")}
              required
            />
            <Actions>
              <Button v={v} label={t("members.imports.upload")} kind="primary" icon="upload" />
            </Actions>
          </Form>
        </Panel>
      )}
      <Table
        v={v}
        id="imports"
        caption={t("members.imports.recent")}
        captionShown
        rows={imports}
        rowName={(row) => v.format.dateTime(row.created_at)}
        rowHref={(row) => `/members/imports/${row.id}`}
        empty={{ title: t("members.imports.empty"), text: t("members.imports.empty.text"), icon: "upload" }}
        columns={[
          {
            key: "at",
            label: t("common.when"),
            primary: true,
            cell: (row) => <Clock v={v} at={row.created_at} />,
          },
          { key: "state", label: t("common.state"), cell: (row) => <ImportBadge v={v} state={row.state} /> },
          {
            key: "rows",
            label: t("members.import.rows"),
            align: "end",
            cell: (row) => number(row.rows_done),
          },
          {
            key: "created",
            label: t("members.import.outcome.created"),
            align: "end",
            cell: (row) => number(row.created),
          },
          {
            key: "changed",
            label: t("members.import.outcome.changed"),
            align: "end",
            cell: (row) => number(row.changed),
          },
          {
            key: "refused",
            label: t("members.import.outcome.refused"),
            align: "end",
            cell: (row) => number(row.refused),
          },
          {
            key: "size",
            label: t("members.import.size"),
            align: "end",
            secondary: true,
            cell: (row) => v.format.bytes(Number(row.bytes)),
          },
        ]}
      />
    </Page>
  );
}
