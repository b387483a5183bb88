import type { PersonalField } from "../../src/mall/members/fields.ts";
import type { OpenedSide } from "../../src/mall/members/reveal-change.ts";
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
  StateBadge,
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
  /** The event whose change is asked for; without one it is the field as it is now. */
  event?: string | undefined;
  purposes: readonly { code: string; ticket: boolean }[];
  minutes: number;
  /** Legal bases on which restricted data opens. */
  bases: readonly string[];
  values?: Typed;
  errors?: readonly FieldError[];
}

/** Asks what a look is for, before it happens. */
export function RevealPage(props: RevealPageProps) {
  const { v, view, field, event, purposes, minutes, bases, values = {}, errors = [] } = props;
  const { t } = v;
  const { member } = view;
  const name = t(`members.field.${field}`);
  const at = `/members/${member.id}`;
  const mask = view.data.find((entry) => entry.field === field)?.mask;
  // what an event changed may be there where the field itself is empty by now
  const restricted =
    event === undefined ? mask?.state === "sealed" : view.data.some((entry) => entry.mask.state === "sealed");
  return (
    <Page
      v={v}
      title={t(event === undefined ? "members.reveal.title" : "members.reveal_change.title", { field: name })}
      lead={t("members.reveal.lead", { minutes })}
      crumbs={[membersCrumb(v), memberCrumb(v, member)]}
      personalData
    >
      <Panel>
        <Facts facts={[{ label: name, value: mask === undefined ? "" : maskText(v, mask) }]} />
        <Form
          v={v}
          action={event === undefined ? `${at}/reveal/${field}` : `${at}/changes/${event}/${field}`}
          errors={errors}
        >
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
          {restricted && (
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
              command={event === undefined ? "members.reveal" : "members.reveal_change"}
            />
            <LinkButton v={v} label={t("common.cancel")} href={at} kind="quiet" />
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
  /** What it was asked for, as the log has it. */
  purpose: string;
  ticket: string;
}

/** Says that a look is used up, as after a reload, with the ways on. */
export function UsedLookPage({ v, member }: { v: ViewContext; member: MemberView["member"] }) {
  const { t } = v;
  return (
    <Page v={v} title={t("members.reveal.used")} crumbs={[membersCrumb(v), memberCrumb(v, member)]}>
      <Notice v={v} tone="warn" live>
        {t("members.reveal.used.text")}
      </Notice>
      <Actions>
        <LinkButton v={v} label={t("members.reveal.again")} href={v.path} />
        <LinkButton v={v} label={t("members.reveal.back")} href={`/members/${member.id}`} kind="quiet" />
      </Actions>
    </Page>
  );
}

/** One value, for the policy's minutes. The response tells the browser to leave by itself, without script. */
export function RevealedPage({ v, member, field, value, until, left, ...asked }: RevealedPageProps) {
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
            ...askedFor(v, asked),
          ]}
        />
        <Until v={v} member={member.id} until={until} left={left} />
      </Panel>
    </Page>
  );
}

export interface RevealedChangePageProps extends Omit<RevealedPageProps, "value"> {
  sides: readonly OpenedSide[];
}

/** What one event changed, before and after, and whether it is what the log committed to. */
export function RevealedChangePage(props: RevealedChangePageProps) {
  const { v, member, field, sides, until, left, ...asked } = props;
  const { t } = v;
  const name = t(`members.field.${field}`);
  return (
    <Page
      v={v}
      title={t("members.reveal_change.shown", { no: member.no, field: name })}
      crumbs={[membersCrumb(v), memberCrumb(v, member)]}
      personalData
    >
      <Panel>
        <Facts
          facts={[
            ...sides.map(({ side, value, proved }) => ({
              label: t(`common.${side}`),
              value: (
                <>
                  <strong>{shownValue(v, field, value)}</strong> <Proved v={v} proved={proved} />
                </>
              ),
              wide: true,
            })),
            ...askedFor(v, asked),
          ]}
        />
        <Until v={v} member={member.id} until={until} left={left} />
      </Panel>
    </Page>
  );
}

function askedFor({ t }: ViewContext, { purpose, ticket }: { purpose: string; ticket: string }) {
  const facts = [{ label: t("members.reveal.purpose"), value: nameOf(t, "members.purpose", purpose) }];
  return ticket === "" ? facts : [...facts, { label: t("members.reveal.ticket"), value: ticket }];
}

function Proved({ v, proved }: { v: ViewContext; proved: boolean | null }) {
  if (proved === null) return <StateBadge v={v} tone="info" label={v.t("members.reveal_change.waiting")} />;
  return proved ? (
    <StateBadge v={v} tone="good" label={v.t("members.reveal_change.proved")} />
  ) : (
    <StateBadge v={v} tone="bad" label={v.t("members.reveal_change.broken")} />
  );
}

/** How long a value stays, what is left of the day's budget, and the way back. */
function Until({ v, member, until, left }: { v: ViewContext; member: string; until: Date; left: number }) {
  const { t } = v;
  return (
    <>
      <Notice v={v} tone="warn" live>
        {t("members.reveal.until", { time: v.format.time(until) })} <Clock v={v} at={until} show="relative" />
        {" · "}
        {t("members.reveal.left", { left })}
      </Notice>
      <Actions>
        <LinkButton v={v} label={t("members.reveal.back")} href={`/members/${member}`} kind="primary" />
      </Actions>
    </>
  );
}

function shownValue(v: ViewContext, field: PersonalField, value: string): string {
  return field === "sex" ? nameOf(v.t, "members.sex", value) : value;
}
