import {
  Button,
  CodeBlock,
  errorOf,
  Field,
  type FieldError,
  Form,
  LinkButton,
  Notice,
} from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page, SignedOutPage } from "../layout/index.ts";

/** A new password, once: whoever types it can look at it, and a manager can fill it (NIST SP 800-63B-4). */
export function NewPasswordField({
  v,
  name,
  errors,
}: {
  v: ViewContext;
  name: string;
  errors: readonly FieldError[] | undefined;
}) {
  return (
    <Field
      v={v}
      type="password"
      name={name}
      label={v.t("access.password.new")}
      hint={v.t("access.password.hint")}
      error={errorOf(errors, name)}
      autocomplete="new-password"
      maxlength={512}
      required
    />
  );
}

/** What an invitation or a reset link opens. */
export function WelcomePage({
  v,
  token,
  who,
  errors,
}: {
  v: ViewContext;
  token: string;
  who: { kind: "invite" | "reset"; login: string; name: string };
  errors?: readonly FieldError[];
}) {
  const { t } = v;
  return (
    <SignedOutPage
      v={v}
      title={t(who.kind === "invite" ? "access.welcome.invite" : "access.welcome.reset", { name: who.name })}
      lead={t("access.welcome.lead", { login: who.login })}
    >
      <Form v={v} action={`/welcome/${token}`} secrets errors={errors ?? []}>
        <input type="hidden" name="username" autocomplete="username" value={who.login} />
        <NewPasswordField v={v} name="password" errors={errors} />
        <Button v={v} label={t("access.password.set")} kind="primary" />
      </Form>
    </SignedOutPage>
  );
}

/** What the link of the first set-up opens. */
export function BeginSetupPage({
  v,
  token,
  values,
  errors,
}: {
  v: ViewContext;
  token: string;
  values?: Readonly<Record<string, string | string[]>>;
  errors?: readonly FieldError[];
}) {
  const { t } = v;
  const typed = (name: string) => {
    const value = values?.[name];
    return typeof value === "string" ? value : undefined;
  };
  return (
    <SignedOutPage v={v} title={t("access.setup.begin")} lead={t("access.setup.begin.lead")}>
      <Form v={v} action={`/setup/${token}`} secrets errors={errors ?? []}>
        <PersonFields v={v} login={typed("login")} name={typed("name")} errors={errors} />
        <NewPasswordField v={v} name="password" errors={errors} />
        <Button v={v} label={t("access.setup.create")} kind="primary" />
      </Form>
    </SignedOutPage>
  );
}

/** Login and name of somebody new. */
export function PersonFields({
  v,
  login,
  name,
  errors,
}: {
  v: ViewContext;
  login?: string | undefined;
  name?: string | undefined;
  errors: readonly FieldError[] | undefined;
}) {
  const { t } = v;
  return (
    <>
      <Field
        v={v}
        name="login"
        label={t("access.login")}
        hint={t("access.login.hint")}
        value={login}
        error={errorOf(errors, "login")}
        autocomplete="off"
        maxlength={32}
        required
      />
      <Field
        v={v}
        name="name"
        label={t("access.name")}
        value={name}
        error={errorOf(errors, "name")}
        autocomplete="off"
        maxlength={80}
        required
      />
    </>
  );
}

/** A link that works no more, or never did: the same page for both. */
export function LinkGonePage({ v }: { v: ViewContext }) {
  return (
    <SignedOutPage v={v} title={v.t("access.link.gone")} lead={v.t("refusal.link_gone")}>
      <LinkButton v={v} label={v.t("access.sign-in")} href="/sign-in" />
    </SignedOutPage>
  );
}

/** A link that was just made. It is shown once, and handed over by whoever made it. */
export function LinkMadePage({
  v,
  login,
  address,
  expiresAt,
  back,
}: {
  v: ViewContext;
  login: string;
  address: string;
  expiresAt: Date;
  back: string;
}) {
  const { t } = v;
  return (
    <Page v={v} title={t("access.link.made", { login })} lead={t("access.link.made.lead")}>
      <Notice v={v} tone="warn">
        <p>{t("access.link.once", { until: v.format.dateTime(expiresAt) })}</p>
      </Notice>
      <CodeBlock v={v} text={address} label={t("access.link.address")} />
      <LinkButton v={v} label={t("access.back")} href={back} />
    </Page>
  );
}
