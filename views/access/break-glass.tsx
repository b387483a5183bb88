import {
  Button,
  Clock,
  Facts,
  Field,
  type FieldError,
  Form,
  Link,
  Panel,
  StateBadge,
  Table,
} from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";
import type { Glass } from "../../src/access/break-glass/queries.ts";
import { StaffTabs } from "./staff.tsx";

/** Every time the glass was broken, those without a review first. */
export function BreakGlassListPage({ v, glasses }: { v: ViewContext; glasses: readonly Glass[] }) {
  const { t } = v;
  return (
    <Page v={v} title={t("access.break-glass")} lead={t("access.break-glass.lead")}>
      <StaffTabs v={v} here="break-glass" />
      <Table
        v={v}
        id="glasses"
        caption={t("access.break-glass")}
        columns={[
          { key: "who", label: t("common.who"), cell: (g) => g.name, primary: true },
          { key: "opened", label: t("access.opened-at"), cell: (g) => <Clock v={v} at={g.openedAt} /> },
          { key: "reason", label: t("common.reason"), cell: (g) => g.reason },
          {
            key: "due",
            label: t("access.review-due"),
            cell: (g) => <Clock v={v} at={g.dueAt} show="date" />,
          },
          { key: "state", label: t("common.state"), cell: (g) => <GlassState v={v} glass={g} /> },
        ]}
        rows={glasses}
        rowName={(g) => g.name}
        rowHref={(g) => `/staff/break-glass/${g.id}`}
        empty={{ title: t("access.break-glass.never"), icon: "good" }}
      />
    </Page>
  );
}

/** One emergency and its review. */
export function BreakGlassReviewPage({
  v,
  glass,
  mayReview,
  note,
  errors,
}: {
  v: ViewContext;
  glass: Glass;
  mayReview: boolean;
  note?: string;
  errors?: readonly FieldError[];
}) {
  const { t } = v;
  return (
    <Page
      v={v}
      title={t("access.break-glass.of", { name: glass.name })}
      badge={<GlassState v={v} glass={glass} />}
      crumbs={[
        { label: t("access.break-glass"), href: "/staff/break-glass", needs: "staff.break_glass.list" },
      ]}
    >
      <Facts
        facts={[
          { label: t("common.reason"), value: glass.reason, wide: true },
          { label: t("access.opened-at"), value: <Clock v={v} at={glass.openedAt} /> },
          { label: t("access.ends-at"), value: <Clock v={v} at={glass.endedAt ?? glass.expiresAt} /> },
          { label: t("access.review-due"), value: <Clock v={v} at={glass.dueAt} /> },
          { label: t("access.reviewed-by"), value: glass.reviewedBy },
          { label: t("access.review-note"), value: glass.note, wide: true },
          ...(v.viewer?.can("audit.person") === true
            ? [
                {
                  label: t("access.history"),
                  value: <Link href={`/audit/person/${glass.person}`}>{t("access.history.open")}</Link>,
                },
              ]
            : []),
        ]}
      />
      {mayReview && (
        <Panel title={t("access.review")}>
          <Form v={v} action={`/staff/break-glass/${glass.id}`} errors={errors ?? []}>
            <Field
              v={v}
              type="radio"
              name="outcome"
              label={t("access.review.outcome")}
              options={(["justified", "not_justified"] as const).map((outcome) => ({
                value: outcome,
                label: t(`access.review.${outcome}`),
              }))}
              required
            />
            <Field
              v={v}
              type="textarea"
              name="note"
              label={t("access.review-note")}
              value={note}
              maxlength={2000}
              required
            />
            <Button v={v} label={t("access.review.close")} kind="primary" />
          </Form>
        </Panel>
      )}
    </Page>
  );
}

function GlassState({ v, glass }: { v: ViewContext; glass: Glass }) {
  const { t } = v;
  if (glass.outcome !== null) {
    const tone = glass.outcome === "justified" ? "good" : "bad";
    return <StateBadge v={v} tone={tone} label={t(`access.review.${glass.outcome}`)} />;
  }
  if (glass.endedAt === null && glass.expiresAt > v.now)
    return <StateBadge v={v} tone="bad" label={t("access.break-glass.in-force")} />;
  const late = glass.dueAt < v.now;
  return (
    <StateBadge
      v={v}
      tone={late ? "bad" : "warn"}
      label={t(late ? "access.review.late" : "access.review.due")}
    />
  );
}
