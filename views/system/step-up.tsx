import type { StepUpFacts } from "../../src/platform/http/ports.ts";
import { Button, Field, Form, HiddenField, LinkButton, Notice } from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { nameOf } from "../messages/index.ts";
import { Frame, keyOf, Repeated, typed } from "./frame.tsx";

/** Asks for a proof of who acts and sends the same form again with it, so that nothing has to be typed twice. */
export function StepUpPage({ v, facts }: { v: ViewContext; facts: StepUpFacts }) {
  const { need, action, fields, back, problem, fileLost } = facts;
  const { t } = v;
  const lead =
    need.level === "bound" ? t("system.step-up.bound") : t("system.step-up.fresh", { minutes: need.minutes });
  const operation = need.operation === undefined ? null : nameOf(t, "action", need.operation);
  const errors = problem === null ? [] : [{ field: "_stepup_code", message: problem }];
  return (
    <Frame v={v} title={t("system.step-up")} lead={lead}>
      {operation !== null && <p>{t("system.step-up.for", { operation })}</p>}
      {fileLost && (
        <Notice v={v} tone="info">
          {t("system.step-up.file")}
        </Notice>
      )}
      <Form v={v} action={action} secrets errors={errors} {...keyOf(fields)}>
        <Repeated fields={typed(fields)} />
        <HiddenField name="_stepup_level" value={need.level} />
        <HiddenField name="_stepup_minutes" value={String(need.minutes)} />
        <HiddenField name="_stepup_digest" value={need.digest} />
        {need.operation !== undefined && <HiddenField name="_stepup_operation" value={need.operation} />}
        <HiddenField name="_stepup_back" value={back} />
        {need.level === "bound" && (
          <Field
            v={v}
            type="password"
            name="_stepup_password"
            label={t("system.step-up.password")}
            autocomplete="current-password"
            maxlength={256}
            required
            autofocus
          />
        )}
        <Field
          v={v}
          name="_stepup_code"
          label={t("system.step-up.code")}
          hint={t("system.step-up.code.hint")}
          error={problem ?? undefined}
          autocomplete="one-time-code"
          inputmode="numeric"
          maxlength={40}
          required
          autofocus={need.level === "fresh"}
        />
        <div class="actions">
          <Button v={v} label={t("system.step-up.send")} kind="primary" />
          <LinkButton v={v} label={t("common.cancel")} href={back} kind="quiet" />
        </div>
      </Form>
    </Frame>
  );
}
