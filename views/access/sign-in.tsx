import { Button, Field, type FieldError, Form, HiddenField } from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { SignedOutPage } from "../layout/index.ts";

/** What goes along through every form of signing in: where to go afterwards, and a form that was interrupted. */
export interface Along {
  next: string;
  carry: string | null;
}

function Carried({ next, carry }: Along) {
  return (
    <>
      <HiddenField name="next" value={next} />
      {carry !== null && <HiddenField name="_carry" value={carry} />}
    </>
  );
}

/** The first factor. */
export function SignInPage({
  v,
  along,
  login,
  errors,
  untouched = false,
}: {
  v: ViewContext;
  along: Along;
  login?: string;
  /** There is no account yet: the way in is the link that the start printed. */
  untouched?: boolean;
  errors?: readonly FieldError[];
}) {
  const { t } = v;
  return (
    <SignedOutPage v={v} title={t("access.sign-in")}>
      <Form v={v} action="/sign-in" secrets errors={errors ?? []}>
        <Carried {...along} />
        <Field
          v={v}
          name="login"
          label={t("access.login")}
          value={login}
          autocomplete="username"
          maxlength={100}
          required
          autofocus
        />
        <Field
          v={v}
          type="password"
          name="password"
          label={t("access.password")}
          autocomplete="current-password"
          maxlength={256}
          required
        />
        <Button v={v} label={t("access.sign-in.go-on")} kind="primary" />
      </Form>
      <p class="hint">{t(untouched ? "access.sign-in.untouched" : "access.sign-in.help")}</p>
    </SignedOutPage>
  );
}

/** The second factor. One field takes an authenticator's code and a recovery code. */
export function CodePage({
  v,
  along,
  errors,
}: {
  v: ViewContext;
  along: Along;
  errors?: readonly FieldError[];
}) {
  const { t } = v;
  return (
    <SignedOutPage v={v} title={t("access.code.title")} lead={t("access.code.lead")}>
      <Form v={v} action="/sign-in/code" secrets errors={errors ?? []}>
        <Carried {...along} />
        <CodeField v={v} errors={errors} />
        <Button v={v} label={t("access.sign-in")} kind="primary" />
      </Form>
      <p class="hint">{t("access.code.help")}</p>
      <Leave v={v} />
    </SignedOutPage>
  );
}

/** A six-digit code, the way browsers and phones help with it. */
export function CodeField({ v, errors }: { v: ViewContext; errors?: readonly FieldError[] | undefined }) {
  return (
    <Field
      v={v}
      name="code"
      label={v.t("access.code")}
      error={errors?.find((error) => error.field === "code")?.message}
      autocomplete="one-time-code"
      maxlength={40}
      required
      autofocus
    />
  );
}

/** Out of a half-finished sign-in. */
export function Leave({ v }: { v: ViewContext }) {
  return (
    <Form v={v} action="/sign-out" class="inline-form">
      <Button v={v} label={v.t("access.leave")} kind="quiet" />
    </Form>
  );
}
