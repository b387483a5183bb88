import { type Figure, Figures, LinkButton } from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";
import type { NoticeRow } from "../../src/access/notices/queries.ts";
import type { TourStep } from "../../src/platform/module.ts";
import { Told } from "./told.tsx";
import { Tour } from "./tour.tsx";

export type HomeKind = "watch" | "evidence" | "queue";

/** The first screen: what waits for this person, and what they were told. */
export function HomePage({
  v,
  kind,
  figures,
  notices,
  tour,
}: {
  v: ViewContext;
  kind: HomeKind;
  figures: readonly Figure[];
  notices: readonly NoticeRow[];
  tour: readonly TourStep[];
}) {
  const { t } = v;
  const search = v.viewer?.can("audit.search") === true;
  return (
    <Page
      v={v}
      title={t(`access.home.${kind}`)}
      lead={t(`access.home.${kind}.lead`)}
      actions={
        kind === "evidence" && search ? (
          <LinkButton v={v} label={t("access.home.search-log")} href="/audit" icon="search" kind="primary" />
        ) : v.viewer?.can("staff.invite") === true ? (
          <LinkButton v={v} label={t("access.invite")} href="/staff/invite" icon="plus" />
        ) : undefined
      }
    >
      <Figures v={v} figures={figures} />
      {tour.length > 0 && <Tour v={v} steps={tour} />}
      <Told v={v} notices={notices} />
    </Page>
  );
}
