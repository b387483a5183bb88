import type { Choices } from "../../src/mall/members/choices.ts";
import type { Masked } from "../../src/platform/vault/index.ts";
import {
  Actions,
  Button,
  Clock,
  errorOf,
  Field,
  type FieldError,
  Form,
  LinkButton,
  Notice,
  Panel,
  Table,
} from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";
import { nameOf } from "../messages/index.ts";
import type { MemberView } from "./detail.tsx";
import { maskText, memberCrumb, membersCrumb } from "./parts.tsx";
import { chosen, SexField, TierField, type Typed, typed } from "./register.tsx";

export interface EditPageProps {
  v: ViewContext;
  choices: Choices;
  /** As stored now: the form is sent with this version. */
  view: MemberView;
  values?: Typed;
  errors?: readonly FieldError[];
  /** Somebody was quicker: both versions are shown, and the form stands on the newer. */
  conflict?: boolean;
}

/** Changing a member's data. The stored values are masked, so an empty field means "keep". */
export function EditPage({ v, choices, view, values = {}, errors = [], conflict }: EditPageProps) {
  const { t } = v;
  const { member } = view;
  const mask = (field: string) => view.data.find((entry) => entry.field === field)?.mask ?? none;
  const field = (name: "name" | "phone" | "email" | "birth_date") => ({
    v,
    name,
    label: t(`members.field.${name}`),
    hint: t("members.edit.now", { mask: maskText(v, mask(name)) }),
    value: typed(values, name),
    error: errorOf(errors, name),
    autocomplete: "off",
  });
  return (
    <Page
      v={v}
      title={conflict === true ? t("members.conflict") : t("members.edit")}
      lead={t("members.edit.lead")}
      crumbs={[membersCrumb(v), memberCrumb(v, member)]}
      personalData
    >
      {conflict === true && <BothVersions v={v} choices={choices} view={view} values={values} mask={mask} />}
      <Form
        v={v}
        action={`/members/${member.id}/edit`}
        version={member.version}
        errors={conflict === true ? [] : errors}
      >
        <Field {...field("name")} maxlength={100} />
        <Field {...field("phone")} type="tel" maxlength={30} />
        <Field {...field("email")} type="email" maxlength={254} />
        <SexField v={v} choices={choices} values={values} blank={t("members.edit.keep")} />
        <Field {...field("birth_date")} maxlength={10} />
        <TierField v={v} choices={choices} value={typed(values, "tier") || member.tier} />
        <Field
          v={v}
          type="checkboxes"
          name="clear"
          label={t("members.edit.clear")}
          values={chosen(values, "clear")}
          options={choices.clearableFields.map((name) => ({
            value: name,
            label: t(`members.field.${name}`),
          }))}
        />
        <Actions>
          <Button v={v} label={t("common.save")} kind="primary" />
          <LinkButton v={v} label={t("common.cancel")} href={`/members/${member.id}`} kind="quiet" />
        </Actions>
      </Form>
    </Page>
  );
}

const none: Masked = { state: "empty", text: "" };

/** Field by field: what is stored now and what was typed. Nothing is lost, nothing is overwritten unseen. */
function BothVersions(props: {
  v: ViewContext;
  choices: Choices;
  view: MemberView;
  values: Typed;
  mask: (field: string) => Masked;
}) {
  const { v, choices, view, values, mask } = props;
  const { t } = v;
  const cleared = chosen(values, "clear");
  const yours = (field: string) =>
    typed(values, field) || (cleared.includes(field) ? t("common.empty") : t("members.edit.keep"));
  const tier = typed(values, "tier");
  const rows = [
    ...choices.personalFields.map((field) => ({
      label: t(`members.field.${field}`),
      stored: maskText(v, mask(field)),
      yours: yours(field),
    })),
    {
      label: t("members.field.tier"),
      stored: t(`members.tier.${view.member.tier}`),
      yours: tier === view.member.tier ? t("members.edit.keep") : nameOf(t, "members.tier", tier),
    },
  ];
  return (
    <Panel title={t("members.conflict")}>
      <Notice v={v} tone="warn" live>
        {t("members.conflict.text", { when: v.format.dateTime(view.member.updated_at) })}{" "}
        <Clock v={v} at={view.member.updated_at} show="relative" />
      </Notice>
      <Table
        v={v}
        id="versions"
        caption={t("members.conflict")}
        rows={rows}
        rowName={(row) => row.label}
        empty={{ title: t("common.empty") }}
        columns={[
          { key: "field", label: t("members.conflict.field"), primary: true, cell: (row) => row.label },
          { key: "stored", label: t("members.conflict.stored"), cell: (row) => row.stored },
          { key: "yours", label: t("members.conflict.yours"), cell: (row) => row.yours },
        ]}
      />
    </Panel>
  );
}
