import {
  Actions,
  Button,
  Clock,
  Columns,
  Confirm,
  Facts,
  Field,
  type FieldError,
  Form,
  Link,
  LinkButton,
  Notice,
  Panel,
  Table,
} from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";
import { nameOf } from "../messages/index.ts";
import type { StaffView } from "../../src/access/staff/queries.ts";
import { PersonState } from "./staff.tsx";

/** One colleague: state, rights, sessions, and what whoever looks may do about them. */
export function PersonPage({ v, person, problem }: { v: ViewContext; person: StaffView; problem?: string }) {
  const { t } = v;
  const can = (permission: string) => v.viewer?.can(permission) === true;
  return (
    <Page
      v={v}
      title={person.name}
      badge={<PersonState v={v} state={person.state} />}
      crumbs={[{ label: t("access.staff"), href: "/staff", needs: "staff.list" }]}
    >
      {problem !== undefined && (
        <Notice v={v} tone="warn" live>
          <p>{problem}</p>
        </Notice>
      )}
      <Columns layout="main-aside">
        <div>
          <Panel>
            <Facts
              facts={[
                { label: t("access.login"), value: <code>{person.login}</code> },
                { label: t("access.created-at"), value: <Clock v={v} at={person.createdAt} show="date" /> },
                {
                  label: t("access.factor"),
                  value: t(`access.factor.${person.factor}`),
                },
                ...(can("audit.person")
                  ? [
                      {
                        label: t("access.history"),
                        value: <Link href={`/audit/person/${person.id}`}>{t("access.history.open")}</Link>,
                      },
                    ]
                  : []),
              ]}
            />
          </Panel>
          <Grants v={v} person={person} />
          <Sessions v={v} person={person} />
        </div>
        <div>
          {can("staff.roles.grant") && person.grantable.length > 0 && person.state !== "disabled" && (
            <GrantForm v={v} person={person} />
          )}
          <Deeds v={v} person={person} can={can} />
        </div>
      </Columns>
    </Page>
  );
}

function Grants({ v, person }: { v: ViewContext; person: StaffView }) {
  const { t } = v;
  const may = v.viewer?.can("staff.roles.revoke") === true;
  return (
    <Panel title={t("access.rights")}>
      <Table
        v={v}
        id="grants"
        caption={t("access.rights")}
        columns={[
          { key: "role", label: t("access.role"), cell: (g) => nameOf(t, "role", g.role), primary: true },
          { key: "kind", label: t("access.grant.kind"), cell: (g) => t(`access.grant.${g.kind}`) },
          { key: "by", label: t("access.granted-by"), cell: (g) => g.grantedBy ?? "—" },
          {
            key: "since",
            label: t("access.granted-at"),
            cell: (g) => <Clock v={v} at={g.grantedAt} show="date" />,
          },
          {
            key: "until",
            label: t("access.ends-at"),
            cell: (g) => (g.expiresAt === null ? "—" : <Clock v={v} at={g.expiresAt} />),
          },
          {
            key: "revoke",
            label: t("common.actions"),
            cell: (g) =>
              may && g.mayRevoke ? (
                <LinkButton
                  v={v}
                  label={t("access.revoke")}
                  href={`/staff/${person.id}/roles/${g.id}`}
                  kind="quiet"
                  small
                />
              ) : null,
          },
        ]}
        rows={person.grants}
        rowName={(g) => nameOf(t, "role", g.role)}
        empty={{ title: t("access.rights.none"), icon: "key" }}
      />
    </Panel>
  );
}

function Sessions({ v, person }: { v: ViewContext; person: StaffView }) {
  const { t } = v;
  return (
    <Panel title={t("access.sessions")}>
      <Table
        v={v}
        id="sessions"
        caption={t("access.sessions")}
        columns={[
          { key: "agent", label: t("access.device"), cell: (s) => s.agent, primary: true },
          {
            key: "signed-in",
            label: t("access.signed-in-at"),
            cell: (s) => <Clock v={v} at={s.signedInAt} />,
          },
          { key: "ends", label: t("access.ends-at"), cell: (s) => <Clock v={v} at={s.expiresAt} /> },
        ]}
        rows={person.sessions}
        rowName={(s) => s.agent}
        empty={{ title: t("access.sessions.none"), icon: "user" }}
      />
    </Panel>
  );
}

function GrantForm({ v, person }: { v: ViewContext; person: StaffView }) {
  const { t } = v;
  return (
    <Panel title={t("access.grant")}>
      <Form v={v} action={`/staff/${person.id}/roles`} version={person.version}>
        <Field
          v={v}
          type="select"
          name="role"
          label={t("access.role")}
          options={person.grantable.map(({ role, dangerous }) => ({
            value: role,
            label: dangerous
              ? `${nameOf(t, "role", role)} (${t("common.gate.four-eyes")})`
              : nameOf(t, "role", role),
          }))}
          required
        />
        <Field
          v={v}
          name="reason"
          id="grant-reason"
          label={t("common.reason")}
          hint={t("common.reason.hint")}
          maxlength={500}
          required
        />
        <Button v={v} label={t("access.grant.give")} command="staff.roles.grant" kind="primary" />
      </Form>
    </Panel>
  );
}

/** What may be done to the person in their state; what may not be is absent. */
function Deeds({
  v,
  person,
  can,
}: {
  v: ViewContext;
  person: StaffView;
  can: (permission: string) => boolean;
}) {
  const { t } = v;
  const there = person.state !== "disabled";
  const deeds = [
    {
      permission: "staff.sessions.end",
      path: "sessions",
      label: t("access.sessions.end-all"),
      shown: person.sessions.length > 0,
    },
    {
      permission: "staff.reset_password",
      path: "reset-password",
      label: t("access.reset-password"),
      shown: there,
    },
    {
      permission: "staff.reset_factor",
      path: "reset-factor",
      label: t("access.reset-factor"),
      shown: there && person.factor !== "none",
    },
    {
      permission: "staff.disable",
      path: "disable",
      label: t("access.disable"),
      shown: there,
      kind: "danger" as const,
    },
    { permission: "staff.enable", path: "enable", label: t("access.enable"), shown: !there },
  ].filter(({ permission, shown }) => shown && can(permission));
  const [first] = deeds;
  if (first === undefined) return null;
  return (
    <Panel title={t("common.actions")}>
      <Form v={v} action={`/staff/${person.id}/${first.path}`} version={person.version}>
        <Field
          v={v}
          name="reason"
          id="deed-reason"
          label={t("common.reason")}
          hint={t("common.reason.hint")}
          maxlength={500}
          required
        />
        <Actions>
          {deeds.map(({ path, permission, shown: _, ...button }) => (
            <Button v={v} formaction={`/staff/${person.id}/${path}`} command={permission} small {...button} />
          ))}
        </Actions>
      </Form>
    </Panel>
  );
}

/** The last question before a role is taken away. */
export function RevokePage({
  v,
  person,
  grant,
  errors,
}: {
  v: ViewContext;
  person: StaffView;
  grant: StaffView["grants"][number];
  errors?: readonly FieldError[];
}) {
  const { t } = v;
  const role = nameOf(t, "role", grant.role);
  const back = `/staff/${person.id}`;
  return (
    <Page v={v} title={t("access.revoke")} crumbs={[{ label: person.name, href: back }]}>
      {grant.reason !== null && (
        <Facts facts={[{ label: t("access.grant.reason"), value: grant.reason, wide: true }]} />
      )}
      <Confirm
        v={v}
        title={`${t("access.revoke")}: ${role}`}
        action={`${back}/roles/${grant.id}`}
        danger
        command="staff.roles.revoke"
        consequences={[t("access.revoke.will", { name: person.name, role })]}
        confirmLabel={t("access.revoke")}
        cancelHref={back}
        reason={{ maxlength: 500 }}
        errors={errors ?? []}
      />
    </Page>
  );
}
