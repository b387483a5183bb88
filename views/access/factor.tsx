import { Button, Confirm, type FieldError, Form, LinkButton } from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";
import { nameOf } from "../messages/index.ts";
import { RecoveryCodes, type Seed, SeedView } from "./enrol.tsx";
import { CodeField } from "./sign-in.tsx";

const home = (v: ViewContext) => [{ label: v.t("access.me"), href: "/me" }];

/** A new authenticator, which replaces the old one with its first right code. */
export function ReplaceFactorPage({
  v,
  seed,
  errors,
}: {
  v: ViewContext;
  seed: Seed;
  errors?: readonly FieldError[];
}) {
  return (
    <Page
      v={v}
      title={v.t("access.factor.replace")}
      lead={v.t("access.factor.replace.lead")}
      crumbs={home(v)}
    >
      <SeedView v={v} seed={seed} />
      <Form v={v} action="/me/factor/confirm" secrets errors={errors ?? []}>
        <CodeField v={v} errors={errors} />
        <Button v={v} label={v.t("access.factor.use")} kind="primary" />
      </Form>
      <LinkButton v={v} label={v.t("common.cancel")} href="/me" kind="quiet" />
    </Page>
  );
}

export function NewCodesPage({ v, codes }: { v: ViewContext; codes: readonly string[] }) {
  return (
    <Page v={v} title={v.t("access.recovery.title")} lead={v.t("access.recovery.lead")} crumbs={home(v)}>
      <RecoveryCodes v={v} codes={codes} next="/me" />
    </Page>
  );
}

/** The last question before the glass is broken. */
export function BreakGlassPage({
  v,
  minutes,
  permissions,
  reason,
  errors,
}: {
  v: ViewContext;
  minutes: number;
  permissions: readonly string[];
  reason?: string;
  errors?: readonly FieldError[];
}) {
  const { t } = v;
  return (
    <Page v={v} title={t("access.break-glass")} crumbs={home(v)}>
      <Confirm
        v={v}
        title={t("access.break-glass")}
        action="/me/break-glass"
        danger
        command="staff.break_glass.open"
        consequences={[
          t("access.break-glass.will.rights", {
            permissions: permissions.map((name) => nameOf(t, "action", name)).join(" · "),
          }),
          t("access.break-glass.will.end", { minutes }),
          t("access.break-glass.will.tell"),
          t("access.break-glass.will.review"),
        ]}
        confirmLabel={t("access.break-glass.open")}
        cancelHref="/me"
        reason={{ maxlength: 2000, ...(reason === undefined ? {} : { value: reason }) }}
        errors={errors ?? []}
      />
    </Page>
  );
}
