import type { SinkStatus } from "../../src/audit/status.ts";
import { Clock, StateBadge, Table } from "../components/index.ts";
import type { ViewContext } from "../context.ts";

/** The systems that the log is sent on to, and how far each of them is behind. */
export function Sinks({ v, sinks }: { v: ViewContext; sinks: readonly SinkStatus[] }) {
  const { t } = v;
  return (
    <Table<SinkStatus>
      v={v}
      id="sinks"
      caption={t("audit.status.sinks")}
      rows={sinks}
      rowName={(row) => row.name}
      columns={[
        { key: "name", label: t("audit.status.sink"), cell: (row) => row.name, primary: true, mono: true },
        {
          key: "sent",
          label: t("audit.status.sink.sent"),
          cell: (row) =>
            row.sentAt === null ? (
              t("audit.status.witness.never")
            ) : (
              <Clock v={v} at={row.sentAt} show="relative" />
            ),
        },
        {
          key: "behind",
          label: t("audit.status.sink.behind"),
          cell: (row) => v.format.number(row.behind),
          align: "end",
        },
        {
          key: "state",
          label: t("audit.status.writer.state"),
          cell: (row) => <SinkState v={v} sink={row} />,
        },
      ]}
      empty={{
        title: t("audit.status.sink.none"),
        text: t("audit.status.sink.none.text"),
        icon: "upload",
      }}
    />
  );
}

function SinkState({ v, sink: { code } }: { v: ViewContext; sink: SinkStatus }) {
  const { t } = v;
  return code === null ? (
    <StateBadge v={v} tone="good" label={t("audit.status.sink.ok")} />
  ) : (
    <StateBadge v={v} tone="bad" label={t("audit.status.sink.failing", { code })} />
  );
}
