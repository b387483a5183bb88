import type { AuditStatus, WitnessStatus, WriterStatus } from "../../src/audit/status.ts";
import {
  Button,
  Clock,
  CodeBlock,
  Digest,
  errorOf,
  Facts,
  Field,
  type FieldError,
  Figures,
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
import { shortId } from "./event-table.tsx";
import { word } from "./names.ts";
import { Sinks } from "./sinks.tsx";

export interface StatusProps {
  v: ViewContext;
  status: AuditStatus;
  errors?: readonly FieldError[];
  reason?: string;
}

/** How the log is doing: what is signed, who has seen it, who writes, what the last verification said. */
export function StatusPage(props: StatusProps) {
  const { v, status } = props;
  const { t } = v;
  return (
    <Page
      v={v}
      title={t("audit.status")}
      lead={t("audit.status.lead")}
      crumbs={[{ label: t("audit.title"), href: "/audit", needs: "audit.search" }]}
    >
      {status.fork !== undefined && <ForkPanel {...props} fork={status.fork} />}
      <Figures v={v} figures={figuresOf(v, status)} />
      <CheckpointPanel v={v} status={status} />
      <Panel title={t("audit.status.verified")}>
        <VerificationFacts v={v} status={status} />
      </Panel>
      <Panel title={t("audit.status.witnesses")}>
        <Quorum v={v} status={status} />
        <Witnesses v={v} witnesses={status.witnesses} />
      </Panel>
      <Panel title={t("audit.status.sinks")}>
        <Sinks v={v} sinks={status.sinks} />
      </Panel>
      <Panel title={t("audit.status.writers")}>
        <Writers v={v} writers={status.writers} />
      </Panel>
    </Page>
  );
}

function figuresOf(v: ViewContext, { size, checkpoint, witnesses, inTime, quorum }: AuditStatus) {
  const { t } = v;
  const unsigned = size - (checkpoint?.size ?? 0);
  const isWitnessed = inTime >= quorum && witnesses.length > 0;
  return [
    {
      label: t("audit.status.size"),
      value: v.format.number(size),
      ...(v.viewer?.can("audit.search") === true ? { href: "/audit" } : {}),
    },
    {
      label: t("audit.status.signed"),
      value:
        checkpoint === undefined ? t("audit.status.none") : v.format.relative(checkpoint.signedAt, v.now),
      note: `${t("audit.status.unsigned")}: ${v.format.number(Math.max(0, unsigned))}`,
      tone: checkpoint === undefined ? ("warn" as const) : ("good" as const),
    },
    {
      label: t("audit.status.witnessed"),
      value: t("audit.status.witnessed.of", { count: inTime, all: witnesses.length }),
      note: t("audit.status.quorum", { quorum }),
      tone: isWitnessed ? ("good" as const) : quorum === 0 ? ("warn" as const) : ("bad" as const),
    },
  ];
}

function CheckpointPanel({ v, status }: { v: ViewContext; status: AuditStatus }) {
  const { t } = v;
  const { checkpoint, vkey, leader } = status;
  if (checkpoint === undefined)
    return <Panel title={t("audit.status.checkpoint")}>{t("audit.status.none")}</Panel>;
  return (
    <Panel title={t("audit.status.checkpoint")}>
      <Facts
        facts={[
          { label: t("audit.status.origin"), value: checkpoint.origin },
          { label: t("audit.status.size"), value: v.format.number(checkpoint.size) },
          { label: t("audit.status.signed"), value: <Clock v={v} at={checkpoint.signedAt} /> },
          {
            label: t("audit.status.root"),
            value: <Digest value={checkpoint.root.toString("hex")} keep={24} />,
          },
          { label: t("audit.status.leader"), value: leader ?? "—" },
          { label: t("audit.status.key"), value: vkey === undefined ? "—" : <code>{vkey}</code>, wide: true },
        ]}
      />
      <CodeBlock v={v} text={checkpoint.note} label={t("audit.status.checkpoint")} />
      <LinkButton v={v} label={t("audit.proof.policy")} href="/audit/policy" icon="download" download />
    </Panel>
  );
}

function VerificationFacts({ v, status: { verification } }: { v: ViewContext; status: AuditStatus }) {
  const { t } = v;
  if (verification === undefined) return <p>{t("audit.status.verified.never")}</p>;
  const { integrity, completeness, first_bad } = verification;
  return (
    <Facts
      facts={[
        {
          label: t("audit.status.integrity"),
          value: (
            <StateBadge
              v={v}
              tone={integrity === "verified" ? "good" : "bad"}
              label={word(v, "verdict", integrity)}
            />
          ),
        },
        {
          label: t("audit.status.completeness"),
          value: (
            <StateBadge
              v={v}
              tone={completeness === "complete" ? "good" : "bad"}
              label={word(v, "verdict", completeness)}
            />
          ),
        },
        { label: t("audit.status.size"), value: v.format.number(verification.size) },
        { label: t("audit.column.at"), value: <Clock v={v} at={verification.finished_at} /> },
        ...(first_bad === null
          ? []
          : [{ label: t("audit.status.first-bad"), value: v.format.number(first_bad) }]),
      ]}
    />
  );
}

/** What is still to be done about witnesses: too few are named for the policy, or the policy asks for none. */
function Quorum({ v, status: { quorum, named } }: { v: ViewContext; status: AuditStatus }) {
  const { t } = v;
  if (named < quorum)
    return (
      <Notice v={v} tone="bad">
        {t("audit.status.quorum.missed", { quorum, named })}
      </Notice>
    );
  if (quorum > 0) return null;
  return (
    <Notice v={v} tone="warn">
      {t("audit.status.quorum.none")}
    </Notice>
  );
}

function Witnesses({ v, witnesses }: { v: ViewContext; witnesses: readonly WitnessStatus[] }) {
  const { t } = v;
  return (
    <Table<WitnessStatus>
      v={v}
      id="witnesses"
      caption={t("audit.status.witnesses")}
      rows={witnesses}
      rowName={(row) => row.name}
      columns={[
        { key: "name", label: t("audit.status.witness"), cell: (row) => row.name, primary: true, mono: true },
        {
          key: "at",
          label: t("audit.status.witness.last"),
          cell: (row) =>
            row.at === undefined ? (
              t("audit.status.witness.never")
            ) : (
              <Clock v={v} at={row.at} show="relative" />
            ),
        },
        {
          key: "size",
          label: t("audit.status.size"),
          cell: (row) => (row.size === undefined ? "—" : v.format.number(row.size)),
          align: "end",
        },
        {
          key: "state",
          label: t("audit.status.writer.state"),
          cell: (row) => <WitnessState v={v} witness={row} />,
        },
      ]}
      empty={{
        title: t("audit.status.witness.none"),
        text: t("audit.status.witness.none.text"),
        icon: "two-people",
      }}
    />
  );
}

/** A witness that contradicts the log is news also while its last cosignature is young. */
function WitnessState({ v, witness: { answer, isLate } }: { v: ViewContext; witness: WitnessStatus }) {
  const { t } = v;
  if (answer === "ahead" || answer === "disagrees")
    return <StateBadge v={v} tone="bad" label={t("audit.status.witness.disagrees")} />;
  if (answer === "unreachable")
    return <StateBadge v={v} tone="bad" label={t("audit.status.witness.unreachable")} />;
  return (
    <StateBadge
      v={v}
      tone={isLate ? "bad" : "good"}
      label={isLate ? t("audit.status.witness.late") : t("audit.status.witness.ok")}
    />
  );
}

function Writers({ v, writers }: { v: ViewContext; writers: readonly WriterStatus[] }) {
  const { t } = v;
  return (
    <Table<WriterStatus>
      v={v}
      id="writers"
      caption={t("audit.status.writers")}
      rows={writers}
      rowName={(row) => `${row.host} ${row.pid}`}
      columns={[
        {
          key: "process",
          label: t("audit.status.writer"),
          cell: (row) => `${row.host} ${row.pid > 0 ? row.pid : ""} · ${shortId(row.id)}`,
          primary: true,
        },
        {
          key: "started",
          label: t("audit.status.writer.started"),
          cell: (row) => <Clock v={v} at={row.startedAt} />,
        },
        {
          key: "last",
          label: t("audit.status.writer.last"),
          cell: (row) => v.format.number(row.last),
          align: "end",
        },
        {
          key: "missing",
          label: t("audit.status.writer.missing"),
          cell: (row) => v.format.number(row.missing),
          align: "end",
        },
        {
          key: "state",
          label: t("audit.status.writer.state"),
          cell: (row) => (
            <StateBadge
              v={v}
              tone={row.missing > 0 ? "warn" : row.endedAt === null ? "good" : "neutral"}
              label={row.endedAt === null ? t("audit.status.writer.alive") : t("audit.status.writer.ended")}
            />
          ),
        },
      ]}
      empty={{ title: t("audit.empty") }}
    />
  );
}

function ForkPanel({
  v,
  fork,
  errors = [],
  reason,
}: StatusProps & { fork: NonNullable<AuditStatus["fork"]> }) {
  const { t } = v;
  const { kind, origin, successor, signed, tree } = fork;
  const sizes = {
    signed: v.format.number(signed.size),
    tree: v.format.number(tree.size),
    last: v.format.number(Math.max(0, signed.size - 1)),
  };
  return (
    <Panel title={t("audit.fork")}>
      <Notice v={v} tone="bad">
        {t(kind === "shrunk" ? "audit.fork.shrunk" : "audit.fork.changed", sizes)}
      </Notice>
      {v.viewer?.can("audit.decide_fork") === true && (
        <Form v={v} action="/audit/fork" errors={errors} idempotencyKey={v.formKey()}>
          <p>{t("audit.fork.what", { successor, origin })}</p>
          <HiddenField name="origin" value={origin} />
          <HiddenField name="signed" value={String(signed.size)} />
          <Field
            v={v}
            type="textarea"
            name="reason"
            label={t("audit.fork.reason")}
            value={reason}
            error={errorOf(errors, "reason")}
            maxlength={2000}
            required
          />
          <Button v={v} label={t("audit.fork.decide")} kind="danger" command="audit.decide_fork" />
        </Form>
      )}
    </Panel>
  );
}
