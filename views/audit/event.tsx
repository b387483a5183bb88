import type { Entry, EntryBody, EntryChange } from "../../src/audit/entry.ts";
import type { EventPage as Event, ProofStatus } from "../../src/audit/event.ts";
import {
  Actions,
  Clock,
  CodeBlock,
  Columns,
  Diff,
  type DiffValue,
  Digest,
  type Fact,
  Facts,
  Link,
  LinkButton,
  Notice,
  Panel,
  ProofPath,
  StateBadge,
} from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";
import { ActorLink, Outcome, Severity, shortId } from "./event-table.tsx";
import {
  actionName,
  correlationName,
  factName,
  factValue,
  fieldName,
  objectName,
  purposeName,
  roleName,
  whyOf,
  word,
} from "./names.ts";

/** One event: what happened, before and after, its proof, and its bytes. */
export function EventPage({ v, event }: { v: ViewContext; event: Event }) {
  const { t } = v;
  const { entry, proof, body, hasNext } = event;
  const at = (idx: number) => `/audit/events/${idx}`;
  return (
    <Page
      v={v}
      title={actionName(v, entry.action)}
      badge={<Outcome v={v} outcome={entry.outcome} />}
      lead={t("audit.event", { index: entry.idx })}
      crumbs={[{ label: t("audit.title"), href: "/audit", needs: "audit.search" }]}
      actions={
        <>
          {entry.idx > 0 && (
            <LinkButton v={v} label={t("audit.event.older")} href={at(entry.idx - 1)} kind="quiet" />
          )}
          {hasNext && (
            <LinkButton v={v} label={t("audit.event.newer")} href={at(entry.idx + 1)} kind="quiet" />
          )}
        </>
      }
    >
      <Columns layout="main-aside">
        <div>
          <Panel title={t("audit.event.facts")}>
            <Facts facts={factsOf(v, event)} />
          </Panel>
          {entry.event.change.length > 0 && <Changes v={v} entry={entry} />}
        </div>
        <ProofPanel v={v} idx={entry.idx} proof={proof} />
      </Columns>
      {proof.state === "proved" && (
        <Panel>
          <ProofPath v={v} leaf={proof.leaf} steps={proof.steps} root={proof.root} />
        </Panel>
      )}
      <Panel title={t("audit.event.body")}>
        <CodeBlock v={v} text={body.toString()} label={t("audit.event.body")} />
        <LinkButton
          v={v}
          label={t("audit.body.download")}
          href={`${at(entry.idx)}/body`}
          icon="download"
          download
        />
      </Panel>
    </Page>
  );
}

function factsOf(v: ViewContext, { entry }: Event): Fact[] {
  const { t } = v;
  const { event } = entry;
  const known: (Fact | false)[] = [
    { label: t("audit.column.at"), value: <Clock v={v} at={entry.at} /> },
    { label: t("audit.column.actor"), value: <ActorLink v={v} entry={entry} /> },
    event.actor.roles.length > 0 && {
      label: t("audit.event.roles"),
      value: event.actor.roles.map((role) => roleName(v, role)).join(", "),
    },
    entry.code !== null && { label: t("audit.event.why"), value: whyOf(v, entry.code) },
    { label: t("audit.event.kind"), value: word(v, "crud", entry.crud) },
    { label: t("audit.column.severity"), value: <Severity v={v} severity={entry.severity} /> },
    { label: t("audit.column.target"), value: <TargetList v={v} targets={event.target} />, wide: true },
    event.fields.length > 0 && {
      label: t("audit.column.fields"),
      value: event.fields.map((field) => fieldName(v, entry.category, field)).join(", "),
    },
    event.purpose !== undefined && {
      label: t("audit.column.purpose"),
      value: [purposeName(v, entry.category, event.purpose.code), event.purpose.ticket]
        .filter(Boolean)
        .join(" · "),
    },
    ...requestFacts(v, event),
    event.policy !== undefined && {
      label: t("audit.event.policy"),
      value: `${event.policy.id} ${event.policy.version}`,
    },
    event.policy?.set !== undefined && {
      label: t("audit.event.policy-set"),
      value: <Digest value={event.policy.set} />,
    },
    ...Object.entries(event.facts ?? {})
      // a reveal names its field twice: for whoever filters, and among its facts, as it always has
      .filter(([name, value]) => name !== "field" || !event.fields.some((field) => field === value))
      .map(([name, value]) => ({
        label: factName(v, name),
        value: factValue(v, entry.category, name, value),
      })),
    { label: t("audit.event.id"), value: <code>{entry.id}</code>, wide: true },
  ];
  return known.filter((fact) => fact !== false);
}

function requestFacts(v: ViewContext, { request, session, correlation, writer }: EntryBody): Fact[] {
  const { t } = v;
  const facts: (Fact | false)[] = [
    request?.ip !== undefined && { label: t("audit.filter.ip"), value: request.ip },
    request?.route !== undefined && {
      label: t("audit.event.route"),
      value: `${request.method?.toUpperCase() ?? ""} ${pathPattern(request.route)}`,
    },
    request !== undefined && {
      label: t("audit.filter.request"),
      value: <Link href={`/audit?request=${request.id}`}>{shortId(request.id)}</Link>,
    },
    session !== undefined && { label: t("audit.event.session"), value: <Digest value={session.id_hash} /> },
    session?.aal !== undefined && { label: t("audit.event.assurance"), value: `AAL${session.aal}` },
    session?.step_up_at !== undefined && {
      label: t("audit.event.step-up"),
      value: <Clock v={v} at={new Date(session.step_up_at)} />,
    },
    correlation !== undefined && {
      label: t("audit.event.correlation"),
      value: Object.entries(correlation)
        .map(([name, id]) => `${correlationName(v, name)} ${shortId(id)}`)
        .join(", "),
    },
    writer !== undefined && {
      label: t("audit.event.writer"),
      value: `${shortId(writer.id)} · ${v.format.number(writer.seq)}`,
    },
  ];
  return facts.filter((fact) => fact !== false);
}

/** A route without the expressions that its parts have to match: those are for the router. */
const pathPattern = (route: string): string => route.replace(/(:\w+)\{(?:[^{}]|\{[^{}]*\})*\}/g, "$1");

function TargetList({ v, targets }: { v: ViewContext; targets: EntryBody["target"] }) {
  if (targets.length === 0) return <>—</>;
  return (
    <ul class="plain">
      {targets.map(({ type, id, label }) => (
        <li>
          {objectName(v, type)}{" "}
          <Link href={`/audit/object/${encodeURIComponent(type)}/${encodeURIComponent(id)}`}>
            {actionName(v, type === "permission" ? id : (label ?? id))}
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Changes({ v, entry }: { v: ViewContext; entry: Entry }) {
  const { t } = v;
  const { category, event } = entry;
  const { change: changes } = event;
  const committed = changes.filter((change) => "before_commit" in change);
  const member = event.target.find(({ type }) => type === "member")?.id;
  return (
    <Panel title={t("audit.event.changes")}>
      <Diff
        v={v}
        caption={t("audit.event.changes")}
        changes={changes.map((change) => ({
          label: fieldName(v, category, change.field),
          before: side(change, "before"),
          after: side(change, "after"),
        }))}
      />
      {committed.length > 0 && <p class="hint">{t("audit.event.commitments")}</p>}
      {member !== undefined && v.viewer?.can("members.reveal_change") === true && committed.length > 0 && (
        <Actions>
          {committed.map(({ field }) => (
            <LinkButton
              v={v}
              label={t("audit.event.open", { field: fieldName(v, category, field) })}
              href={`/members/${member}/changes/${entry.id}/${encodeURIComponent(field)}`}
              icon="eye"
              kind="quiet"
              command="members.reveal_change"
            />
          ))}
        </Actions>
      )}
    </Panel>
  );
}

function side(change: EntryChange, which: "before" | "after"): DiffValue {
  if ("before_commit" in change) {
    const commitment = which === "before" ? change.before_commit : change.after_commit;
    return commitment === null ? null : { commitment };
  }
  const value = change[which];
  return value === null ? null : { shown: Array.isArray(value) ? value.join(", ") : String(value) };
}

function ProofPanel({ v, idx, proof }: { v: ViewContext; idx: number; proof: ProofStatus }) {
  const { t } = v;
  return (
    <Panel title={t("audit.proof")}>
      {proof.state === "proved" && <StateBadge v={v} tone="good" label={t("audit.proof.proved")} />}
      {proof.state === "waiting" && <StateBadge v={v} tone="info" label={t("audit.proof.waiting")} />}
      {proof.state === "broken" && (
        <Notice v={v} tone="bad">
          {t("audit.proof.broken")}
        </Notice>
      )}
      {proof.state !== "waiting" && (
        <p>
          {t("audit.proof.explain", {
            size: v.format.number(proof.checkpoint.size),
            at: v.format.dateTime(proof.checkpoint.signedAt),
            count: proof.checkpoint.cosignatures.length,
          })}
        </p>
      )}
      {v.viewer?.can("audit.proof") === true && proof.state !== "broken" && (
        <>
          <LinkButton
            v={v}
            label={t("audit.proof.download")}
            href={`/audit/events/${idx}/proof`}
            icon="download"
            kind="primary"
            download
          />
          <p>{t("audit.proof.offline")}</p>
          <Actions>
            <Link href="/audit/policy">{t("audit.proof.policy")}</Link>
            <Link href="/audit/verifier">{t("audit.proof.verifier")}</Link>
          </Actions>
          <CodeBlock
            v={v}
            text={`node gatehouse-verify.mjs event-${idx}.tlog-proof --policy trusted.policy`}
            label={t("audit.proof.offline")}
          />
        </>
      )}
    </Panel>
  );
}
