import type { Choices } from "../../src/mall/members/choices.ts";
import { Button, Field, type FieldError, Form } from "../components/index.ts";
import type { ViewContext } from "../context.ts";

/** Records what a member said about one purpose. */
export function ConsentForm(props: {
  v: ViewContext;
  choices: Choices;
  member: string;
  errors?: readonly FieldError[];
}) {
  const { v, choices, member, errors = [] } = props;
  const { t } = v;
  return (
    <details open={errors.length > 0}>
      <summary>{t("members.consent.record")}</summary>
      <Form v={v} action={`/members/${member}/consents`} errors={errors}>
        <Field
          v={v}
          type="select"
          name="purpose"
          label={t("members.consent.purpose")}
          options={choices.consentPurposes.map((value) => ({ value, label: t(`members.consent.${value}`) }))}
          required
        />
        <Field
          v={v}
          type="select"
          name="channel"
          label={t("members.channel")}
          options={choices.consentChannels.map((value) => ({ value, label: t(`members.channel.${value}`) }))}
          required
        />
        <div class="actions">
          <Button v={v} label={t("members.consent.grant")} name="granted" value="yes" kind="primary" />
          <Button v={v} label={t("members.consent.withdraw")} name="granted" value="no" />
        </div>
      </Form>
    </details>
  );
}
