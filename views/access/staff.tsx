import {
  Button,
  Clock,
  Field,
  type FieldError,
  Filters,
  Form,
  LinkButton,
  StateBadge,
  Table,
  Tabs,
  type Tone,
} from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";
import { nameOf } from "../messages/index.ts";
import type { StaffRow } from "../../src/access/staff/queries.ts";
import { PersonFields } from "./links.tsx";

const tones: Record<StaffRow["state"], Tone> = { invited: "info", active: "good", disabled: "neutral" };

export function PersonState({ v, state }: { v: ViewContext; state: StaffRow["state"] }) {
  return <StateBadge v={v} tone={tones[state]} label={v.t(`access.state.${state}`)} />;
}

/** The ways through people and their rights. */
export function StaffTabs({
  v,
  here,
}: {
  v: ViewContext;
  here: "list" | "matrix" | "review" | "break-glass";
}) {
  const { t } = v;
  const can = (permission: string) => v.viewer?.can(permission) === true;
  return (
    <Tabs
      v={v}
      label={t("access.staff")}
      tabs={[
        ...(can("staff.list")
          ? [{ label: t("access.staff"), href: "/staff", current: here === "list" }]
          : []),
        ...(can("staff.matrix")
          ? [{ label: t("access.matrix"), href: "/staff/matrix", current: here === "matrix" }]
          : []),
        ...(can("staff.access_review")
          ? [{ label: t("access.role-review"), href: "/staff/review", current: here === "review" }]
          : []),
        ...(can("staff.break_glass.list")
          ? [{ label: t("access.break-glass"), href: "/staff/break-glass", current: here === "break-glass" }]
          : []),
      ]}
    />
  );
}

export interface StaffFilter {
  state: string | undefined;
  role: string | undefined;
}

/** Colleagues, their roles, and when they were last here. */
export function StaffPage({
  v,
  people,
  filter,
  roles,
  next,
}: {
  v: ViewContext;
  people: readonly StaffRow[];
  filter: StaffFilter;
  roles: readonly string[];
  next: string | undefined;
}) {
  const { t } = v;
  return (
    <Page
      v={v}
      title={t("access.staff")}
      lead={t("access.staff.lead")}
      actions={
        v.viewer?.can("staff.invite") === true && (
          <LinkButton v={v} label={t("access.invite")} href="/staff/invite" icon="plus" kind="primary" />
        )
      }
    >
      <StaffTabs v={v} here="list" />
      <Filters
        v={v}
        action="/staff"
        label={t("access.staff")}
        active={filter.state !== undefined || filter.role !== undefined}
        results="people"
      >
        <Field
          v={v}
          type="select"
          name="state"
          label={t("common.state")}
          value={filter.state}
          blank={t("access.any")}
          options={(["active", "invited", "disabled"] as const).map((state) => ({
            value: state,
            label: t(`access.state.${state}`),
          }))}
        />
        <Field
          v={v}
          type="select"
          name="role"
          label={t("access.role")}
          value={filter.role}
          blank={t("access.any")}
          options={roles.map((role) => ({ value: role, label: nameOf(t, "role", role) }))}
        />
      </Filters>
      <Table
        v={v}
        id="people"
        caption={t("access.staff")}
        columns={[
          { key: "name", label: t("access.name"), cell: (p) => p.name, primary: true },
          { key: "login", label: t("access.login"), cell: (p) => p.login, mono: true },
          {
            key: "roles",
            label: t("access.roles"),
            cell: (p) => p.roles.map((role) => nameOf(t, "role", role)).join(" · "),
          },
          { key: "state", label: t("common.state"), cell: (p) => <PersonState v={v} state={p.state} /> },
          {
            key: "seen",
            label: t("access.seen-at"),
            cell: (p) => (p.seen_at === null ? "—" : <Clock v={v} at={p.seen_at} show="relative" />),
            secondary: true,
          },
        ]}
        rows={people}
        rowName={(p) => p.name}
        rowHref={(p) => `/staff/${p.id}`}
        pages={{ next }}
        empty={{ title: t("access.staff.none"), icon: "people" }}
      />
    </Page>
  );
}

/** Adds a colleague; they get a link, and their roles afterwards. */
export function InvitePage({
  v,
  values,
  errors,
}: {
  v: ViewContext;
  values?: { login: string; name: string };
  errors?: readonly FieldError[];
}) {
  const { t } = v;
  return (
    <Page
      v={v}
      title={t("access.invite")}
      lead={t("access.invite.lead")}
      crumbs={[{ label: t("access.staff"), href: "/staff", needs: "staff.list" }]}
    >
      <Form v={v} action="/staff/invite" errors={errors ?? []}>
        <PersonFields v={v} login={values?.login} name={values?.name} errors={errors} />
        <Button v={v} label={t("access.invite.send")} kind="primary" command="staff.invite" />
      </Form>
    </Page>
  );
}
