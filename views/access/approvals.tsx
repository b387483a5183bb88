import {
  Actions,
  Button,
  Clock,
  EmptyState,
  Facts,
  errorOf,
  Field,
  type FieldError,
  Form,
  HiddenField,
  LinkButton,
  Panel,
  StateBadge,
  Table,
  Tabs,
  Timeline,
  type Tone,
} from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";
import { isMessageKey, nameOf } from "../messages/index.ts";
import type { RequestRow, RequestView } from "../../src/access/approvals/queries.ts";

const tones: Record<RequestRow["state"], Tone> = {
  open: "info",
  executed: "good",
  denied: "bad",
  withdrawn: "neutral",
  expired: "neutral",
  failed: "bad",
};

/** What waits for this person's answer, or what they asked for. */
export function ApprovalsPage({
  v,
  tab,
  requests,
  next,
}: {
  v: ViewContext;
  tab: "inbox" | "mine";
  requests: readonly RequestRow[];
  next: string | undefined;
}) {
  const { t } = v;
  return (
    <Page v={v} title={t("access.approvals")} lead={t("access.approvals.lead")}>
      <Tabs
        v={v}
        label={t("access.approvals")}
        tabs={[
          { label: t("access.approvals.inbox"), href: "/approvals", current: tab === "inbox" },
          { label: t("access.approvals.mine"), href: "/approvals/mine", current: tab === "mine" },
        ]}
      />
      <Table
        v={v}
        id="requests"
        caption={t(`access.approvals.${tab}`)}
        columns={[
          {
            key: "operation",
            label: t("access.operation"),
            cell: (r) => nameOf(t, "action", r.operation),
            primary: true,
          },
          { key: "subject", label: t("access.subject"), cell: (r) => subjectText(v, r) },
          { key: "reason", label: t("common.reason"), cell: (r) => r.reason },
          { key: "requester", label: t("access.requester"), cell: (r) => r.requester ?? "" },
          { key: "state", label: t("common.state"), cell: (r) => <RequestState v={v} state={r.state} /> },
          {
            key: "created",
            label: t("common.when"),
            cell: (r) => <Clock v={v} at={r.createdAt} show="relative" />,
          },
        ]}
        rows={requests}
        rowName={(r) => nameOf(t, "action", r.operation)}
        rowHref={(r) => `/approvals/${r.id}`}
        pages={{ next }}
        empty={{ title: t(`access.approvals.${tab}.empty`), icon: "approve" }}
      />
    </Page>
  );
}

/** What a request is about, by the name that people know; by its id where it has none. */
function subjectText(v: ViewContext, { subjectType, subjectId, subject }: RequestRow): string {
  return `${nameOf(v.t, "object", subjectType)} ${subject ?? subjectId}`;
}

/** One request: who asks for what and why, what will happen, and the answer. */
export function ApprovalPage({
  v,
  request,
  errors = [],
}: {
  v: ViewContext;
  request: RequestView;
  errors?: readonly FieldError[];
}) {
  const { t } = v;
  const operation = nameOf(t, "action", request.operation);
  return (
    <Page
      v={v}
      title={operation}
      badge={<RequestState v={v} state={request.state} />}
      crumbs={[{ label: t("access.approvals"), href: "/approvals" }]}
    >
      <Facts
        facts={[
          { label: t("access.requester"), value: request.requester },
          { label: t("common.reason"), value: request.reason, wide: true },
          ...(request.outcome === null
            ? []
            : [
                {
                  label: t("access.request.why-failed"),
                  value: nameOf(t, "refusal", request.outcome),
                  wide: true,
                },
              ]),
          {
            label: t("access.subject"),
            value: subjectText(v, request),
            wide: true,
          },
          { label: t("access.asked-at"), value: <Clock v={v} at={request.createdAt} /> },
          { label: t("access.expires-at"), value: <Clock v={v} at={request.expiresAt} /> },
          { label: t("access.approvers-needed"), value: String(request.required) },
          {
            label: t("access.approvers-from"),
            value: request.fromRoles.map((role) => nameOf(t, "role", role)).join(" · "),
          },
        ]}
      />
      {request.resultAt !== null && (
        <LinkButton v={v} label={t("access.request.result")} href={request.resultAt} kind="primary" />
      )}
      {request.preview !== null && <Preview v={v} preview={request.preview} />}
      <Panel title={t("access.decisions")}>
        {request.decisions.length === 0 ? (
          <EmptyState v={v} title={t("access.decisions.none")} icon="clock" />
        ) : (
          <Timeline
            v={v}
            label={t("access.decisions")}
            entries={request.decisions.map((decision) => ({
              at: decision.at,
              title: t(
                request.state === "open" && !decision.standing
                  ? "access.decision.lapsed"
                  : `access.decision.${decision.decision}`,
              ),
              actor: decision.login ?? "",
              tone: decision.decision === "approve" ? ("good" as const) : ("bad" as const),
              ...(decision.reason === null ? {} : { body: decision.reason }),
            }))}
          />
        )}
      </Panel>
      {request.mayDecide && <DecideForm v={v} request={request} errors={errors} />}
      {request.mayWithdraw && (
        <Form v={v} action={`/approvals/${request.id}/withdraw`}>
          <Button v={v} label={t("access.withdraw")} />
        </Form>
      )}
    </Page>
  );
}

function Preview({ v, preview }: { v: ViewContext; preview: NonNullable<RequestView["preview"]> }) {
  const { t } = v;
  const label = (name: string) => {
    const key = `preview.${name}`;
    return isMessageKey(key) ? t(key) : name;
  };
  const entries = Object.entries(preview);
  return (
    <Panel title={t("common.will-happen")}>
      {entries.length === 0 ? (
        <p>{t("access.preview.none")}</p>
      ) : (
        <Facts
          facts={entries.map(([name, value]) => ({
            label: label(name),
            value: name in listed ? namesText(v, listed[name], value) : factText(v, value),
          }))}
        />
      )}
    </Panel>
  );
}

/** Previews that list names of the rules, each with the kind of message that has the words for it. */
const listed: Readonly<Record<string, string>> = {
  role: "role",
  roles_lapsing: "role",
  dangerous: "action",
};

function namesText(v: ViewContext, kind = "", value: string | number | boolean | null): string {
  const names = String(value ?? "").split(", ");
  return names[0] === "" ? "—" : names.map((name) => nameOf(v.t, kind, name)).join(" · ");
}

function factText(v: ViewContext, value: string | number | boolean | null): string {
  if (typeof value === "boolean") return v.t(value ? "common.yes" : "common.no");
  return typeof value === "number" ? v.format.number(value) : (value ?? "");
}

function DecideForm({
  v,
  request,
  errors,
}: {
  v: ViewContext;
  request: RequestView;
  errors: readonly FieldError[];
}) {
  const { t } = v;
  return (
    <Panel title={t("access.answer")}>
      <Form v={v} action={`/approvals/${request.id}`} errors={errors}>
        <HiddenField name="digest" value={request.digest} />
        <Field
          v={v}
          name="reason"
          label={t("common.reason")}
          hint={t("access.answer.hint")}
          error={errorOf(errors, "reason")}
          maxlength={500}
        />
        <Actions>
          <Button
            v={v}
            label={t("access.approve")}
            name="decision"
            value="approve"
            kind="primary"
            command="approvals.decide"
          />
          <Button
            v={v}
            label={t("access.deny")}
            name="decision"
            value="deny"
            kind="danger"
            command="approvals.decide"
          />
        </Actions>
      </Form>
    </Panel>
  );
}

function RequestState({ v, state }: { v: ViewContext; state: RequestRow["state"] }) {
  return <StateBadge v={v} tone={tones[state]} label={v.t(`access.request.${state}`)} />;
}
