import {
  ActionButton,
  Actions,
  Button,
  Clock,
  errorOf,
  Facts,
  Field,
  type FieldError,
  Form,
  LinkButton,
  Panel,
  StateBadge,
  Table,
} from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";
import { nameOf } from "../messages/index.ts";
import type { Me } from "../../src/access/me/query.ts";
import { NewPasswordField } from "./links.tsx";

/** Everything about the person who looks: where they are signed in, what they prove it with, what they may do. */
export function MePage({
  v,
  me,
  problem,
}: {
  v: ViewContext;
  me: Me;
  problem?: { form: "password" | "elevate"; errors: readonly FieldError[] };
}) {
  const { t } = v;
  return (
    <Page v={v} title={t("access.me")} lead={t("access.me.lead", { name: me.name, login: me.login })}>
      <Sessions v={v} me={me} />
      <Factors v={v} me={me} />
      <PasswordForm v={v} errors={problem?.form === "password" ? problem.errors : []} />
      <Rights v={v} me={me} errors={problem?.form === "elevate" ? problem.errors : []} />
    </Page>
  );
}

function Sessions({ v, me }: { v: ViewContext; me: Me }) {
  const { t } = v;
  return (
    <Panel
      title={t("access.sessions")}
      aside={
        me.sessions.length > 1 && (
          <ActionButton
            v={v}
            action="/me/sessions/end"
            label={t("access.sessions.end-others")}
            kind="danger"
            small
          />
        )
      }
    >
      <Table
        v={v}
        id="sessions"
        caption={t("access.sessions")}
        columns={[
          { key: "agent", label: t("access.device"), cell: (s) => s.agent, primary: true },
          { key: "address", label: t("access.address"), cell: (s) => s.address, mono: true },
          {
            key: "signed-in",
            label: t("access.signed-in-at"),
            cell: (s) => <Clock v={v} at={s.signedInAt} />,
          },
          {
            key: "seen",
            label: t("access.seen-at"),
            cell: (s) => <Clock v={v} at={s.seenAt} show="relative" />,
          },
          {
            key: "ends",
            label: t("access.ends-at"),
            cell: (s) => <Clock v={v} at={s.expiresAt} show="time" />,
          },
          {
            key: "here",
            label: t("common.state"),
            cell: (s) =>
              s.current ? (
                <StateBadge v={v} tone="good" label={t("access.session.here")} />
              ) : (
                <ActionButton
                  v={v}
                  action={`/me/sessions/${s.handle}/end`}
                  label={t("access.session.end")}
                  kind="quiet"
                  small
                />
              ),
          },
        ]}
        rows={me.sessions}
        rowName={(s) => s.agent}
        empty={{ title: t("common.none") }}
      />
    </Panel>
  );
}

function Factors({ v, me }: { v: ViewContext; me: Me }) {
  const { t } = v;
  return (
    <Panel title={t("access.factors")}>
      <Facts
        facts={[
          {
            label: t("access.factor.totp"),
            value: me.factor === null ? null : <Clock v={v} at={me.factor.since ?? v.now} show="date" />,
          },
          { label: t("access.recovery.left"), value: String(me.recoveryCodes) },
        ]}
      />
      <Actions>
        <ActionButton
          v={v}
          action="/me/factor"
          label={t("access.factor.replace")}
          command="access.totp.start"
        />
        <ActionButton
          v={v}
          action="/me/recovery"
          label={t("access.recovery.regenerate")}
          command="access.recovery.regenerate"
        />
      </Actions>
    </Panel>
  );
}

function PasswordForm({ v, errors }: { v: ViewContext; errors: readonly FieldError[] }) {
  const { t } = v;
  return (
    <Panel title={t("access.password.change")}>
      <Form v={v} action="/me/password" secrets errors={errors}>
        <Field
          v={v}
          type="password"
          name="current"
          label={t("access.password.current")}
          error={errorOf(errors, "current")}
          autocomplete="current-password"
          maxlength={512}
          required
        />
        <NewPasswordField v={v} name="next" errors={errors} />
        <Actions>
          <Button v={v} label={t("access.password.change")} />
        </Actions>
      </Form>
    </Panel>
  );
}

function Rights({ v, me, errors }: { v: ViewContext; me: Me; errors: readonly FieldError[] }) {
  const { t } = v;
  return (
    <Panel title={t("access.rights")}>
      <Table
        v={v}
        id="rights"
        caption={t("access.rights")}
        columns={[
          { key: "role", label: t("access.role"), cell: (g) => nameOf(t, "role", g.role), primary: true },
          { key: "kind", label: t("access.grant.kind"), cell: (g) => t(`access.grant.${g.kind}`) },
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
        ]}
        rows={me.grants}
        rowName={(g) => nameOf(t, "role", g.role)}
        empty={{ title: t("access.rights.none"), text: t("access.rights.none.text") }}
      />
      {me.eligible.length > 0 && (
        <Form v={v} action="/me/elevate" errors={errors}>
          <Field
            v={v}
            type="select"
            name="role"
            label={t("access.elevate.role")}
            options={me.eligible.map((role) => ({ value: role, label: nameOf(t, "role", role) }))}
            required
          />
          <Field
            v={v}
            type="number"
            name="hours"
            label={t("access.elevate.hours")}
            value="2"
            required
            error={errorOf(errors, "hours")}
          />
          <Field
            v={v}
            name="reason"
            label={t("common.reason")}
            hint={t("common.reason.hint")}
            maxlength={500}
            required
            error={errorOf(errors, "reason")}
          />
          <Field
            v={v}
            name="incident"
            label={t("access.elevate.incident")}
            maxlength={40}
            error={errorOf(errors, "incident")}
          />
          <Actions>
            <Button v={v} label={t("access.elevate")} command="access.elevate" />
          </Actions>
        </Form>
      )}
      {me.mayBreakGlass && me.breakGlass === null && (
        <LinkButton v={v} label={t("access.break-glass")} href="/me/break-glass" icon="warn" kind="danger" />
      )}
      {me.breakGlass !== null && (
        <ActionButton v={v} action="/me/break-glass/end" label={t("access.break-glass.end")} kind="danger" />
      )}
    </Panel>
  );
}
