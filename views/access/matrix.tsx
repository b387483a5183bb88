import { StateBadge, Table } from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";
import { nameOf } from "../messages/index.ts";
import type { AccessMatrix } from "../../src/access/staff/matrix.ts";
import { StaffTabs } from "./staff.tsx";

/** Who may do what, read off the rules in force. */
export function MatrixPage({ v, matrix }: { v: ViewContext; matrix: AccessMatrix }) {
  const { t } = v;
  return (
    <Page v={v} title={t("access.matrix")} lead={t("access.matrix.lead", { version: matrix.version })}>
      <StaffTabs v={v} here="matrix" />
      <Table
        v={v}
        id="matrix"
        caption={t("access.matrix")}
        columns={[
          {
            key: "name",
            label: t("access.permission"),
            cell: (row) => nameOf(t, "action", row.permission),
            primary: true,
          },
          { key: "permission", label: t("common.id"), cell: (row) => row.permission, mono: true },
          {
            key: "gate",
            label: t("access.gate"),
            cell: (row) =>
              row.gate === "none" ? (
                "—"
              ) : (
                <StateBadge
                  v={v}
                  tone={row.gate === "fresh" ? "info" : "warn"}
                  label={t(`access.gate.${row.gate}`)}
                  icon={row.gate === "four-eyes" ? "two-people" : "lock"}
                />
              ),
          },
          {
            key: "who",
            label: t("access.holders"),
            cell: (row) =>
              row.holders.map((holder) => nameOf(t, "role", holder)).join(" · ") || t("access.nobody"),
          },
        ]}
        rows={matrix.rows}
        rowName={(row) => row.permission}
        empty={{ title: t("common.none") }}
      />
    </Page>
  );
}
