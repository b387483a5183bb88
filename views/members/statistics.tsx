import type { Choices } from "../../src/mall/members/choices.ts";
import type { Dimension, statistics } from "../../src/mall/members/statistics.ts";
import type { Group } from "../../src/platform/vault/index.ts";
import { BarChart, Clock, Columns, EmptyState, Facts, Histogram, Panel } from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";
import { nameOf } from "../messages/index.ts";
import { membersCrumb } from "./parts.tsx";

type Statistics = Awaited<ReturnType<typeof statistics.run>>;

/** Members counted, small groups withheld (5.1.5). */
export function StatisticsPage({
  v,
  choices,
  figures,
  minimum,
}: {
  v: ViewContext;
  choices: Choices;
  figures: Statistics["figures"];
  minimum: number;
}) {
  const { t } = v;
  return (
    <Page
      v={v}
      title={t("members.statistics")}
      lead={t("members.statistics.lead", { minimum: figures?.min_cell ?? minimum })}
      crumbs={[membersCrumb(v)]}
    >
      {figures === null ? (
        <EmptyState
          v={v}
          title={t("members.statistics.none")}
          text={t("members.statistics.none.text")}
          icon="members"
        />
      ) : (
        <>
          <Panel>
            <Facts
              facts={[
                { label: t("members.statistics.total"), value: v.format.number(figures.total) },
                { label: t("members.statistics.computed"), value: <Clock v={v} at={figures.computed_at} /> },
              ]}
            />
          </Panel>
          <DimensionPanel v={v} dimension="month" cells={figures.cells.month} />
          <Columns>
            {choices.dimensions
              .filter((dimension) => dimension !== "month")
              .map((dimension) => (
                <DimensionPanel v={v} dimension={dimension} cells={figures.cells[dimension]} />
              ))}
          </Columns>
        </>
      )}
    </Page>
  );
}

function DimensionPanel({
  v,
  dimension,
  cells,
}: {
  v: ViewContext;
  dimension: Dimension;
  cells: readonly Group[];
}) {
  const { t } = v;
  const title = t(`members.statistics.${dimension}`);
  const bars = cells.flatMap(({ group, count }) =>
    count === null ? [] : [{ label: groupName(v, dimension, group), value: count }],
  );
  const withheld = cells.length - bars.length;
  return (
    <Panel>
      {dimension === "month" ? (
        <Histogram v={v} title={title} bars={bars} unit={t("members.statistics.total")} />
      ) : (
        <BarChart v={v} title={title} bars={bars} unit={t("members.statistics.total")} labelHeader={title} />
      )}
      <p class="hint">
        {withheld === 0
          ? t("members.statistics.withheld-none")
          : t("members.statistics.withheld", { count: withheld })}
      </p>
    </Panel>
  );
}

function groupName(v: ViewContext, dimension: Dimension, group: string): string {
  if (group === "unknown") return v.t("members.sex.unknown");
  if (dimension === "birth_decade") return v.t("members.statistics.decade", { decade: group });
  return dimension === "month" ? group : nameOf(v.t, `members.${dimension}`, group);
}
