import { Panel, StateBadge, Table } from "../components/index.ts";
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
              row.holders.map((holder) => roleName(v, matrix, holder)).join(" · ") || t("access.nobody"),
          },
        ]}
        rows={matrix.rows}
        rowName={(row) => row.permission}
        empty={{ title: t("common.none") }}
      />
      <Duties v={v} matrix={matrix} />
    </Page>
  );
}

/** As the rules call it; what is no role of theirs (everybody, the scheduler) by its message. */
function roleName({ t, language }: ViewContext, { titles }: AccessMatrix, holder: string): string {
  return titles.get(holder)?.[language] ?? nameOf(t, "role", holder);
}

/** What no one person may have or do both of, and why. */
function Duties({ v, matrix }: { v: ViewContext; matrix: AccessMatrix }) {
  const { t, language } = v;
  const names = (permissions: readonly string[]) =>
    permissions.map((permission) => nameOf(t, "action", permission)).join(" · ");
  return (
    <Panel title={t("access.duties")}>
      <Table
        v={v}
        id="duties"
        caption={t("access.duties")}
        columns={[
          { key: "why", label: t("access.duties.why"), cell: (row) => row.why[language], primary: true },
          { key: "kind", label: t("access.duties.kind"), cell: (row) => t(`access.duties.${row.kind}`) },
          { key: "one", label: t("access.duties.one"), cell: (row) => names(row.one) },
          { key: "other", label: t("access.duties.other"), cell: (row) => names(row.other) },
        ]}
        rows={matrix.duties}
        rowName={(row) => row.why[language]}
        empty={{ title: t("common.none") }}
      />
    </Panel>
  );
}
