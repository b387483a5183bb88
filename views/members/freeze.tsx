import type { Choices } from "../../src/mall/members/choices.ts";
import { Confirm, errorOf, Field, type FieldError } from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";
import { memberCrumb, membersCrumb } from "./parts.tsx";

interface Member {
  id: string;
  no: string;
  version: number;
}

export interface AskPageProps {
  v: ViewContext;
  member: Member;
  reason?: string;
  errors?: readonly FieldError[];
}

/** What freezing does, and why it is done. */
export function FreezePage({ v, choices, member, reason, errors = [] }: AskPageProps & { choices: Choices }) {
  const { t } = v;
  const title = t("members.freeze.title", { no: member.no });
  return (
    <Page v={v} title={title} crumbs={[membersCrumb(v), memberCrumb(v, member)]}>
      <Confirm
        v={v}
        title={title}
        action={`/members/${member.id}/freeze`}
        consequences={[
          t("members.freeze.effect.sign-in"),
          t("members.freeze.effect.sessions"),
          t("members.freeze.effect.reversible"),
        ]}
        confirmLabel={t("members.freeze")}
        cancelHref={`/members/${member.id}`}
        version={member.version}
        errors={errors}
        command="members.freeze"
        danger
      >
        <Field
          v={v}
          type="select"
          name="reason"
          label={t("members.freeze.reason")}
          value={reason}
          blank=""
          error={errorOf(errors, "reason")}
          options={choices.freezeReasons.map((value) => ({
            value,
            label: t(`members.freeze.reason.${value}`),
          }))}
          required
        />
      </Confirm>
    </Page>
  );
}

/** What an export holds, and that somebody else has to agree. */
export function ExportPage({ v, member, reason = "", errors = [] }: AskPageProps) {
  const { t } = v;
  const title = t("members.export.title", { no: member.no });
  return (
    <Page v={v} title={title} crumbs={[membersCrumb(v), memberCrumb(v, member)]}>
      <Confirm
        v={v}
        title={title}
        action={`/members/${member.id}/export`}
        consequences={[
          t("members.export.effect.data"),
          t("members.export.effect.approval"),
          t("members.export.effect.file"),
        ]}
        confirmLabel={t("members.export")}
        cancelHref={`/members/${member.id}`}
        version={member.version}
        errors={errors}
        command="members.export"
        reason={{ maxlength: 1_000, value: reason }}
      />
    </Page>
  );
}

/** What restricting does: it cannot be taken back, and somebody else has to agree. */
export function RestrictPage({ v, member, reason = "", errors = [] }: AskPageProps) {
  const { t } = v;
  const title = t("members.restrict.title", { no: member.no });
  return (
    <Page v={v} title={title} crumbs={[membersCrumb(v), memberCrumb(v, member)]}>
      <Confirm
        v={v}
        title={title}
        action={`/members/${member.id}/restrict`}
        consequences={[
          t("members.restrict.effect.masks"),
          t("members.restrict.effect.basis"),
          t("members.restrict.effect.forward"),
          t("members.export.effect.approval"),
        ]}
        confirmLabel={t("members.restrict")}
        cancelHref={`/members/${member.id}`}
        version={member.version}
        errors={errors}
        command="members.restrict"
        reason={{ maxlength: 1_000, value: reason }}
        danger
      />
    </Page>
  );
}
