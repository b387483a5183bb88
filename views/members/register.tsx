import type { Choices } from "../../src/mall/members/choices.ts";
import {
  Actions,
  Button,
  errorOf,
  Field,
  type FieldError,
  FieldGroup,
  Form,
  LinkButton,
} from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";
import { membersCrumb } from "./parts.tsx";

export type Typed = Readonly<Record<string, string | string[]>>;

/** What was typed into one field. */
export function typed(values: Typed, name: string): string {
  const value = values[name];
  return typeof value === "string" ? value : "";
}

/** What was chosen in a field that may repeat. */
export function chosen(values: Typed, name: string): readonly string[] {
  const value = values[name] ?? [];
  return typeof value === "string" ? [value] : value;
}

export interface RegisterPageProps {
  v: ViewContext;
  choices: Choices;
  values?: Typed;
  errors?: readonly FieldError[];
}

/** Registration in two short steps on one page, clause 5.1.1: contact, then consent. */
export function RegisterPage({ v, choices, values = {}, errors = [] }: RegisterPageProps) {
  const { t } = v;
  const field = (name: "member_no" | "name" | "phone" | "email" | "birth_date") => ({
    v,
    name,
    label: t(`members.field.${name}`),
    value: typed(values, name),
    error: errorOf(errors, name),
  });
  return (
    <Page v={v} title={t("members.register")} lead={t("members.register.lead")} crumbs={[membersCrumb(v)]}>
      <Form v={v} action="/members" errors={errors}>
        <FieldGroup legend={t("members.step.contact")}>
          <Field
            {...field("name")}
            maxlength={100}
            autocomplete="off"
            required
            autofocus={errors.length === 0}
          />
          <Field
            {...field("phone")}
            type="tel"
            hint={t("members.phone.hint")}
            autocomplete="off"
            maxlength={30}
          />
          <Field {...field("email")} type="email" autocomplete="off" maxlength={254} />
          <Field
            {...field("member_no")}
            hint={t("members.member_no.hint")}
            maxlength={32}
            autocomplete="off"
            required
          />
        </FieldGroup>
        <FieldGroup legend={t("members.step.consent")}>
          <Field
            v={v}
            type="checkboxes"
            name="consents"
            label={t("members.consents")}
            values={chosen(values, "consents")}
            options={choices.consentPurposes.map((value) => ({
              value,
              label: t(`members.consent.${value}`),
            }))}
            error={errorOf(errors, "consents")}
            required
          />
          <Field
            v={v}
            type="select"
            name="channel"
            label={t("members.channel")}
            value={typed(values, "channel")}
            options={choices.consentChannels.map((value) => ({
              value,
              label: t(`members.channel.${value}`),
            }))}
            required
          />
        </FieldGroup>
        <FieldGroup legend={t("members.step.more")}>
          <SexField v={v} choices={choices} values={values} blank={t("members.sex.unknown")} />
          <Field
            {...field("birth_date")}
            hint={t("members.birth_date.hint")}
            maxlength={10}
            autocomplete="off"
          />
          <TierField v={v} choices={choices} value={typed(values, "tier") || "standard"} />
        </FieldGroup>
        <Actions>
          <Button v={v} label={t("members.register")} kind="primary" />
          <LinkButton v={v} label={t("common.cancel")} href="/members" kind="quiet" />
        </Actions>
      </Form>
    </Page>
  );
}

export function SexField(props: { v: ViewContext; choices: Choices; values: Typed; blank: string }) {
  const { v, choices, values, blank } = props;
  return (
    <Field
      v={v}
      type="select"
      name="sex"
      label={v.t("members.field.sex")}
      value={typed(values, "sex")}
      blank={blank}
      options={choices.sexValues.map((value) => ({ value, label: v.t(`members.sex.${value}`) }))}
    />
  );
}

export function TierField({ v, choices, value }: { v: ViewContext; choices: Choices; value: string }) {
  return (
    <Field
      v={v}
      type="select"
      name="tier"
      label={v.t("members.field.tier")}
      value={value}
      options={choices.tiers.map((tier) => ({ value: tier, label: v.t(`members.tier.${tier}`) }))}
      required
    />
  );
}
