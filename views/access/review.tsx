import { ActionButton, Clock, LinkButton, StateBadge, Table } from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";
import { nameOf } from "../messages/index.ts";
import type { AccessReview } from "../../src/access/reviews/due.ts";
import { StaffTabs } from "./staff.tsx";

type Row = AccessReview["grants"][number];

/** The lasting grants that lapse soon unless somebody says that they are still needed. */
export function AccessReviewPage({ v, review }: { v: ViewContext; review: AccessReview }) {
  const { t } = v;
  const { grants, nextAt, days } = review;
  return (
    <Page v={v} title={t("access.role-review")} lead={t("access.role-review.lead", { days })}>
      <StaffTabs v={v} here="review" />
      <Table
        v={v}
        id="access-review"
        caption={t("access.role-review")}
        columns={[
          {
            key: "who",
            label: t("access.role-review.holder"),
            cell: (g) => `${g.name} (${g.login})`,
            primary: true,
          },
          { key: "role", label: t("access.role"), cell: (g) => nameOf(t, "role", g.role) },
          {
            key: "since",
            label: t("access.granted-at"),
            cell: (g) => <Clock v={v} at={g.grantedAt} show="date" />,
          },
          { key: "last", label: t("access.role-review.last"), cell: (g) => <LastLook v={v} grant={g} /> },
          { key: "due", label: t("access.role-review.lapses"), cell: (g) => <Lapses v={v} grant={g} /> },
          { key: "do", label: t("common.actions"), cell: (g) => <Decide v={v} grant={g} /> },
        ]}
        rows={grants}
        rowName={(g) => `${g.name}, ${nameOf(t, "role", g.role)}`}
        rowHref={(g) => `/staff/${g.person}`}
        empty={{
          title: t("access.role-review.none"),
          ...(nextAt === null ? {} : { text: t("access.role-review.next", { date: v.format.date(nextAt) }) }),
          icon: "good",
        }}
      />
      {review.more && <p>{t("access.role-review.more")}</p>}
    </Page>
  );
}

function LastLook({ v, grant }: { v: ViewContext; grant: Row }) {
  if (grant.reviewedAt === null) return <>{v.t("access.role-review.never")}</>;
  return (
    <>
      <Clock v={v} at={grant.reviewedAt} show="date" /> {grant.reviewedBy}
    </>
  );
}

/** Overdue only where the sweep has not been, or where it leaves the last people administrator alone. */
function Lapses({ v, grant }: { v: ViewContext; grant: Row }) {
  const late = grant.dueAt <= v.now;
  return (
    <>
      <Clock v={v} at={grant.dueAt} show="date" />{" "}
      {late && <StateBadge v={v} tone="bad" label={v.t("access.role-review.late")} />}
    </>
  );
}

function Decide({ v, grant }: { v: ViewContext; grant: Row }) {
  if (!grant.mayKeep) return <>{v.t("access.role-review.not-yours")}</>;
  return (
    <>
      <ActionButton
        v={v}
        action="/staff/review"
        values={{ person: grant.person, grant: grant.id }}
        label={v.t("access.role-review.keep")}
        command="staff.roles.keep"
        small
      />
      <LinkButton
        v={v}
        href={`/staff/${grant.person}/roles/${grant.id}`}
        label={v.t("access.revoke")}
        command="staff.roles.revoke"
        kind="quiet"
        small
      />
    </>
  );
}
