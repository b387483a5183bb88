import type { PersonalField } from "../../src/mall/members/fields.ts";
import {
  Actions,
  Button,
  Clock,
  errorOf,
  Facts,
  Field,
  type FieldError,
  Form,
  LinkButton,
  Notice,
  Panel,
} from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";
import { nameOf } from "../messages/index.ts";
import type { MemberView } from "./detail.tsx";
import { maskText, memberCrumb, membersCrumb } from "./parts.tsx";
import { type Typed, typed } from "./register.tsx";

export interface RevealPageProps {
  v: ViewContext;
  view: MemberView;
  field: PersonalField;
  purposes: readonly { code: string; ticket: boolean }[];
  minutes: number;
  /** Legal bases on which restricted data opens. */
  bases: readonly string[];
  values?: Typed;
  errors?: readonly FieldError[];
}

/** Asks what a look is for, before it happens. */
export function RevealPage(props: RevealPageProps) {
  const { v, view, field, purposes, minutes, bases, values = {}, errors = [] } = props;
  const { t } = v;
  const { member } = view;
  const name = t(`members.field.${field}`);
  const mask = view.data.find((entry) => entry.field === field)?.mask;
  return (
    <Page
      v={v}
      title={t("members.reveal.title", { field: name })}
      lead={t("members.reveal.lead", { minutes })}
      crumbs={[membersCrumb(v), memberCrumb(v, member)]}
      personalData
    >
      <Panel>
        <Facts facts={[{ label: name, value: mask === undefined ? "" : maskText(v, mask) }]} />
        <Form v={v} action={`/members/${member.id}/reveal/${field}`} errors={errors}>
          <Field
            v={v}
            type="radio"
            name="purpose"
            label={t("members.reveal.purpose")}
            values={[typed(values, "purpose")]}
            options={purposes.map(({ code, ticket }) => ({
              value: code,
              label: nameOf(t, "members.purpose", code),
              ...(ticket ? { hint: t("members.reveal.with-ticket") } : {}),
            }))}
            error={errorOf(errors, "purpose")}
            required
          />
          {mask?.state === "sealed" && (
            <Field
              v={v}
              type="select"
              name="basis"
              label={t("members.reveal.basis")}
              hint={t("members.reveal.basis.hint")}
              value={typed(values, "basis")}
              blank=""
              options={bases.map((basis) => ({ value: basis, label: nameOf(t, "members.basis", basis) }))}
              error={errorOf(errors, "basis")}
              required
            />
          )}
          <Field
            v={v}
            name="ticket"
            label={t("members.reveal.ticket")}
            hint={t("members.reveal.ticket.hint")}
            value={typed(values, "ticket")}
            error={errorOf(errors, "ticket")}
            maxlength={40}
            autocomplete="off"
          />
          <Actions>
            <Button
              v={v}
              label={t("members.reveal.submit")}
              kind="primary"
              icon="eye"
              command="members.reveal"
            />
            <LinkButton v={v} label={t("common.cancel")} href={`/members/${member.id}`} kind="quiet" />
          </Actions>
        </Form>
      </Panel>
    </Page>
  );
}

export interface RevealedPageProps {
  v: ViewContext;
  member: { id: string; no: string };
  field: PersonalField;
  value: string | null;
  until: Date;
  left: number;
}

/** One value, for the policy's minutes. The response tells the browser to leave by itself, without script. */
export function RevealedPage({ v, member, field, value, until, left }: RevealedPageProps) {
  const { t } = v;
  const name = t(`members.field.${field}`);
  return (
    <Page
      v={v}
      title={t("members.reveal.shown", { no: member.no, field: name })}
      crumbs={[membersCrumb(v), memberCrumb(v, member)]}
      personalData
    >
      <Panel>
        <Facts
          facts={[
            {
              label: name,
              value:
                value === null ? t("members.reveal.none") : <strong>{shownValue(v, field, value)}</strong>,
              wide: true,
            },
          ]}
        />
        <Notice v={v} tone="warn" live>
          {t("members.reveal.until", { time: v.format.time(until) })}{" "}
          <Clock v={v} at={until} show="relative" />
          {" · "}
          {t("members.reveal.left", { left })}
        </Notice>
        <Actions>
          <LinkButton v={v} label={t("members.reveal.back")} href={`/members/${member.id}`} kind="primary" />
        </Actions>
      </Panel>
    </Page>
  );
}

function shownValue(v: ViewContext, field: PersonalField, value: string): string {
  return field === "sex" ? nameOf(v.t, "members.sex", value) : value;
}
