import type { PersonalField } from "../../src/mall/members/fields.ts";
import type { ListRow } from "../../src/mall/members/list.ts";
import type { ReviewState, Status } from "../../src/mall/members/model.ts";
import type { Masked } from "../../src/platform/vault/index.ts";
import { Clock, type Column, Mask, StateBadge, type Tone } from "../components/index.ts";
import type { ViewContext } from "../context.ts";

const reviewTones: Record<ReviewState, Tone> = { submitted: "info", approved: "good", returned: "warn" };

export function ReviewBadge({ v, state }: { v: ViewContext; state: ReviewState }) {
  return <StateBadge v={v} tone={reviewTones[state]} label={v.t(`members.review.${state}`)} />;
}

export function StatusBadge({ v, status }: { v: ViewContext; status: Status }) {
  return (
    <StateBadge v={v} tone={status === "frozen" ? "bad" : "good"} label={v.t(`members.status.${status}`)} />
  );
}

/** A mask as text; what cannot be read says why. */
export function maskText(v: ViewContext, mask: Masked): string {
  return mask.state === "open" ? mask.text : v.t(`members.state.${mask.state}`);
}

/** A mask with the way to the value, for those who may ask for it. */
export function MemberMask(props: { v: ViewContext; member: string; field: PersonalField; mask: Masked }) {
  const { v, member, field, mask } = props;
  const there = mask.state === "open" || mask.state === "sealed";
  const may = there && v.viewer?.can("members.reveal") === true;
  return (
    <Mask
      v={v}
      value={maskText(v, mask)}
      field={v.t(`members.field.${field}`)}
      {...(may ? { revealHref: `/members/${member}/reveal/${field}` } : {})}
    />
  );
}

/** The columns of every list of members. */
export function memberColumns(v: ViewContext): Column<ListRow>[] {
  return [
    { key: "no", label: v.t("members.field.member_no"), primary: true, mono: true, cell: (row) => row.no },
    { key: "name", label: v.t("members.field.name"), cell: (row) => maskText(v, row.name) },
    { key: "phone", label: v.t("members.field.phone"), mono: true, cell: (row) => maskText(v, row.phone) },
    {
      key: "email",
      label: v.t("members.field.email"),
      secondary: true,
      cell: (row) => maskText(v, row.email),
    },
    { key: "tier", label: v.t("members.field.tier"), cell: (row) => v.t(`members.tier.${row.tier}`) },
    {
      key: "review",
      label: v.t("members.field.review"),
      cell: (row) => <ReviewBadge v={v} state={row.review_state} />,
    },
    {
      key: "status",
      label: v.t("members.field.status"),
      cell: (row) => <StatusBadge v={v} status={row.status} />,
    },
    {
      key: "registered",
      label: v.t("members.field.registered_at"),
      secondary: true,
      cell: (row) => <Clock v={v} at={row.registered_at} show="date" />,
    },
  ];
}

export const membersCrumb = (v: ViewContext) => ({
  label: v.t("members.title"),
  href: "/members",
  needs: "members.list",
});
export const memberCrumb = (v: ViewContext, member: { id: string; no: string }) => ({
  label: v.t("members.member", { no: member.no }),
  href: `/members/${member.id}`,
});
