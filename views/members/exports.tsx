import type { ExportRow } from "../../src/mall/members/exports.ts";
import {
  Actions,
  Button,
  Clock,
  CodeBlock,
  Form,
  HiddenField,
  LinkButton,
  Notice,
  Panel,
  StateBadge,
  Table,
} from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";
import { membersCrumb } from "./parts.tsx";

/** The exports that somebody agreed to. */
export function ExportsPage({ v, rows }: { v: ViewContext; rows: readonly ExportRow[] }) {
  const { t } = v;
  return (
    <Page v={v} title={t("members.exports")} lead={t("members.exports.lead")} crumbs={[membersCrumb(v)]}>
      <Table
        v={v}
        id="exports"
        caption={t("members.exports")}
        rows={rows}
        rowName={(row) => row.no}
        empty={{ title: t("members.exports.empty"), text: t("members.exports.empty.text"), icon: "download" }}
        columns={[
          {
            key: "no",
            label: t("members.field.member_no"),
            primary: true,
            mono: true,
            cell: (row) => row.no,
          },
          { key: "state", label: t("common.state"), cell: (row) => <ExportState v={v} row={row} /> },
          {
            key: "until",
            label: t("members.exports.until"),
            cell: (row) => <Clock v={v} at={row.expires_at} />,
          },
          {
            key: "fetch",
            label: t("common.actions"),
            cell: (row) =>
              stateOf(v, row) === "ready" && (
                <LinkButton
                  v={v}
                  label={t("members.exports.fetch")}
                  href={`/members/exports/${row.id}`}
                  command="members.export.download"
                  small
                />
              ),
          },
        ]}
      />
    </Page>
  );
}

function stateOf(v: ViewContext, row: ExportRow): "ready" | "used" | "expired" {
  if (row.downloaded_at !== null) return "used";
  return row.expires_at <= v.now ? "expired" : "ready";
}

function ExportState({ v, row }: { v: ViewContext; row: ExportRow }) {
  const state = stateOf(v, row);
  return (
    <StateBadge v={v} tone={state === "ready" ? "info" : "neutral"} label={v.t(`members.exports.${state}`)} />
  );
}

export interface FetchPageProps {
  v: ViewContext;
  export: string;
  /** Made for this page, sent back by its form, and kept nowhere else. */
  passphrase: string;
}

/** Asks for the file. The passphrase goes along unseen: a step-up may come between, and it is shown with the file. */
export function FetchPage(props: FetchPageProps) {
  const { v, passphrase } = props;
  const { t } = v;
  return (
    <Page
      v={v}
      title={t("members.exports.fetch")}
      crumbs={[membersCrumb(v), { label: t("members.exports"), href: "/members/exports" }]}
    >
      <Panel>
        <Notice v={v} tone="info">
          {t("members.exports.once")}
        </Notice>
        <Form v={v} action={`/members/exports/${props.export}`}>
          <HiddenField name="passphrase" value={passphrase} />
          <Actions>
            <Button
              v={v}
              label={t("members.exports.fetch")}
              kind="primary"
              icon="download"
              command="members.export.download"
            />
            <LinkButton v={v} label={t("common.cancel")} href="/members/exports" kind="quiet" />
          </Actions>
        </Form>
      </Panel>
    </Page>
  );
}

export interface FetchedPageProps {
  v: ViewContext;
  passphrase: string;
  /** The encrypted file. It is in the page itself: it is handed out once, and nothing of it is kept to be asked for again. */
  file: { name: string; content: string };
}

/** The one moment at which the passphrase is seen, and the file beside it. */
export function FetchedPage({ v, passphrase, file }: FetchedPageProps) {
  const { t } = v;
  return (
    <Page
      v={v}
      title={t("members.exports.fetched")}
      crumbs={[membersCrumb(v), { label: t("members.exports"), href: "/members/exports" }]}
      personalData
    >
      <Panel title={t("members.exports.passphrase")}>
        <Notice v={v} tone="warn">
          {t("members.exports.passphrase.text")}
        </Notice>
        <CodeBlock v={v} text={passphrase} label={t("members.exports.passphrase")} />
        <Actions>
          <a
            class="button primary"
            href={`data:application/octet-stream;base64,${Buffer.from(file.content).toString("base64")}`}
            download={file.name}
          >
            {t("members.exports.save")}
          </a>
          <LinkButton v={v} label={t("members.exports.back")} href="/members/exports" kind="quiet" />
        </Actions>
      </Panel>
    </Page>
  );
}
