import { Button, Field, Form, HiddenField, LinkButton } from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { SignedOutPage } from "../layout/index.ts";
import { Frame, keyOf, Repeated, typed } from "./frame.tsx";

/** The first factor once more, for somebody whose session ended while they typed. */
export function SignInAgainPage({
  v,
  carry,
  next,
}: {
  v: ViewContext;
  /** What was typed, sealed; null when it could not be kept. */
  carry: string | null;
  next: string;
}) {
  const { t } = v;
  return (
    <SignedOutPage
      v={v}
      title={t("system.sign-in-again")}
      lead={t(carry === null ? "system.sign-in-again.lost" : "system.sign-in-again.kept")}
    >
      <Form v={v} action="/sign-in">
        {carry !== null && <HiddenField name="_carry" value={carry} />}
        <HiddenField name="next" value={next} />
        <Field
          v={v}
          name="login"
          label={t("system.sign-in-again.login")}
          autocomplete="username"
          maxlength={100}
          required
          autofocus
        />
        <Field
          v={v}
          type="password"
          name="password"
          label={t("system.sign-in-again.password")}
          autocomplete="current-password"
          maxlength={256}
          required
        />
        <Button v={v} label={t("system.sign-in-again.send")} kind="primary" />
      </Form>
    </SignedOutPage>
  );
}

/** Offers a form to be sent again. The press of the button is what makes it the person's own deed. */
export function SendAgainPage({
  v,
  action,
  fields,
  why,
}: {
  v: ViewContext;
  action: string;
  fields: readonly (readonly [name: string, value: string])[];
  why: "signed-in" | "expired";
}) {
  const { t } = v;
  return (
    <Frame v={v} title={t(`system.again.${why}`)} lead={t(`system.again.${why}.lead`)}>
      <Form v={v} action={action} {...keyOf(fields)}>
        <Repeated fields={typed(fields)} />
        <p>
          {t("system.again.fields", { count: typed(fields).length })} · <code>{action}</code>
        </p>
        <div class="actions">
          <Button v={v} label={t("system.again.send")} kind="primary" />
          <LinkButton v={v} label={t("system.again.skip")} href="/" kind="quiet" />
        </div>
      </Form>
    </Frame>
  );
}
