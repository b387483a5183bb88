import type { Choices } from "../../src/mall/members/choices.ts";
import type { view } from "../../src/mall/members/queries.ts";
import {
  ActionButton,
  Clock,
  Columns,
  Facts,
  LinkButton,
  Panel,
  StateBadge,
  StateMachine,
  Table,
  Tabs,
  Timeline,
} from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";
import { nameOf } from "../messages/index.ts";
import { ConsentForm } from "./consent-form.tsx";
import { memberCrumb, MemberMask, membersCrumb, ReviewBadge, StatusBadge } from "./parts.tsx";

export type MemberView = Awaited<ReturnType<typeof view.run>>;

/** One member: state and next steps, masks with the way to the values, consents, and the way to the history. */
export function MemberPage({ v, choices, view }: { v: ViewContext; choices: Choices; view: MemberView }) {
  const { t } = v;
  const { member } = view;
  return (
    <Page
      v={v}
      title={memberCrumb(v, member).label}
      badge={
        <>
          <StatusBadge v={v} status={member.status} />
          <ReviewBadge v={v} state={member.review_state} />
        </>
      }
      crumbs={[membersCrumb(v)]}
      actions={<NextSteps v={v} view={view} />}
      personalData
    >
      <MemberTabs v={v} id={member.id} />
      <Columns layout="main-aside">
        <div>
          <PersonalPanel v={v} view={view} />
          <ConsentPanel v={v} choices={choices} view={view} />
        </div>
        <div>
          <AccountPanel v={v} member={member} />
          <StateMachine
            v={v}
            id="review-machine"
            title={t("members.machine")}
            states={choices.reviewStates.map((name) => ({ name, label: t(`members.review.${name}`) }))}
            transitions={choices.reviewMachine.map(({ from, event, to }) => ({
              from,
              to,
              label: t(`members.event.${event}`),
            }))}
            current={member.review_state}
          />
        </div>
      </Columns>
    </Page>
  );
}

function NextSteps({ v, view }: { v: ViewContext; view: MemberView }) {
  const { t } = v;
  const { member } = view;
  const open = view.data.some(({ mask }) => mask.state === "open");
  const may = (permission: string) => v.viewer?.can(permission) === true;
  const at = `/members/${member.id}`;
  return (
    <>
      {may("members.edit") && (
        <LinkButton v={v} label={t("members.edit")} href={`${at}/edit`} icon="edit" kind="primary" />
      )}
      {may("members.export") && (
        <LinkButton
          v={v}
          label={t("members.export")}
          href={`${at}/export`}
          icon="download"
          command="members.export"
        />
      )}
      {may("members.sessions.end") && (
        <ActionButton v={v} label={t("members.sessions.end")} action={`${at}/sessions/end`} icon="sign-out" />
      )}
      {member.status === "active" && may("members.freeze") && (
        <LinkButton
          v={v}
          label={t("members.freeze")}
          href={`${at}/freeze`}
          icon="ban"
          kind="danger"
          command="members.freeze"
        />
      )}
      {member.status === "frozen" && may("members.unfreeze") && (
        <ActionButton
          v={v}
          label={t("members.unfreeze")}
          action={`${at}/unfreeze`}
          version={member.version}
          icon="good"
          command="members.unfreeze"
        />
      )}
      {open && may("members.restrict") && (
        <LinkButton
          v={v}
          label={t("members.restrict")}
          href={`${at}/restrict`}
          icon="ban"
          kind="danger"
          command="members.restrict"
        />
      )}
    </>
  );
}

function MemberTabs({ v, id }: { v: ViewContext; id: string }) {
  const { t } = v;
  const may = (permission: string) => v.viewer?.can(permission) === true;
  return (
    <Tabs
      v={v}
      label={t("members.tabs")}
      tabs={[
        { label: t("members.tab.facts"), href: `/members/${id}`, current: true },
        ...(may("audit.object")
          ? [{ label: t("members.tab.history"), href: `/audit/object/member/${id}` }]
          : []),
        ...(may("audit.seen") ? [{ label: t("members.tab.seen"), href: `/audit/seen/${id}` }] : []),
      ]}
    />
  );
}

function PersonalPanel({ v, view }: { v: ViewContext; view: MemberView }) {
  const { t } = v;
  const { member, data } = view;
  const verified = { phone: member.phone_verified_at, email: member.email_verified_at };
  return (
    <Panel title={t("members.personal")}>
      <Facts
        facts={data.map(({ field, mask }) => ({
          label: t(`members.field.${field}`),
          value: (
            <>
              <MemberMask v={v} member={member.id} field={field} mask={mask} />
              {(field === "phone" || field === "email") && mask.state === "open" && (
                <Verified v={v} at={verified[field]} />
              )}
            </>
          ),
        }))}
      />
    </Panel>
  );
}

function Verified({ v, at }: { v: ViewContext; at: Date | null }) {
  return at === null ? (
    <StateBadge v={v} tone="warn" label={v.t("members.unverified")} />
  ) : (
    <StateBadge v={v} tone="good" label={v.t("members.verified")} />
  );
}

function AccountPanel({ v, member }: { v: ViewContext; member: MemberView["member"] }) {
  const { t } = v;
  return (
    <Panel title={t("members.account")}>
      <Facts
        facts={[
          { label: t("members.field.member_no"), value: <code>{member.no}</code> },
          { label: t("members.field.tier"), value: t(`members.tier.${member.tier}`) },
          { label: t("members.field.registered_at"), value: <Clock v={v} at={member.registered_at} /> },
          { label: t("members.field.submitted_at"), value: <Clock v={v} at={member.submitted_at} /> },
          { label: t("members.field.updated_at"), value: <Clock v={v} at={member.updated_at} /> },
          { label: t("members.field.sessions"), value: <Clock v={v} at={member.sessions_valid_from} /> },
          ...(member.review_reason === null
            ? []
            : [
                {
                  label: t("members.review.returned"),
                  value: nameOf(t, "members.reason", member.review_reason),
                },
              ]),
          ...(member.status_reason === null
            ? []
            : [
                {
                  label: t("members.freeze.reason"),
                  value: nameOf(t, "members.freeze.reason", member.status_reason),
                },
              ]),
        ]}
      />
    </Panel>
  );
}

function ConsentPanel({ v, choices, view }: { v: ViewContext; choices: Choices; view: MemberView }) {
  const { t } = v;
  const rows = choices.consentPurposes.map((purpose) => ({
    purpose,
    newest: view.consents.find((consent) => consent.purpose === purpose),
  }));
  return (
    <Panel title={t("members.consents")}>
      <Table
        v={v}
        id="consents"
        caption={t("members.consents")}
        rows={rows}
        rowName={(row) => t(`members.consent.${row.purpose}`)}
        empty={{ title: t("members.consent.none") }}
        columns={[
          {
            key: "purpose",
            label: t("members.consent.purpose"),
            primary: true,
            cell: (row) => t(`members.consent.${row.purpose}`),
          },
          {
            key: "state",
            label: t("common.state"),
            cell: (row) =>
              row.newest === undefined ? (
                <StateBadge v={v} tone="neutral" label={t("members.consent.none")} />
              ) : (
                <StateBadge
                  v={v}
                  tone={row.newest.granted ? "good" : "warn"}
                  label={t(row.newest.granted ? "members.consent.granted" : "members.consent.withdrawn")}
                />
              ),
          },
          {
            key: "version",
            label: t("members.consent.version", { version: "" }),
            mono: true,
            cell: (row) => row.newest?.policy_version ?? "",
          },
          {
            key: "at",
            label: t("common.when"),
            cell: (row) => row.newest && <Clock v={v} at={row.newest.at} />,
          },
        ]}
      />
      {v.viewer?.can("members.consent.record") === true && (
        <ConsentForm v={v} choices={choices} member={view.member.id} />
      )}
      {view.consents.length > 0 && (
        <details>
          <summary>{t("members.consents.history")}</summary>
          <Timeline
            v={v}
            label={t("members.consents.history")}
            entries={view.consents.map((consent) => ({
              at: consent.at,
              title: `${t(`members.consent.${consent.purpose}`)}: ${t(consent.granted ? "members.consent.granted" : "members.consent.withdrawn")}`,
              body: `${t(`members.channel.${consent.channel}`)} · ${t("members.consent.version", { version: consent.policy_version })}`,
              tone: consent.granted ? "good" : "warn",
            }))}
          />
        </details>
      )}
    </Panel>
  );
}
