import { z } from "zod";
import { query } from "../../door/command.ts";
import type { CompiledPolicy } from "../../platform/policy/index.ts";
import { BREAK_GLASS } from "../grants/duties.ts";

/** Who may do what, as a table: a row a permission, a column a role. */
export interface AccessMatrix {
  version: string;
  roles: readonly string[];
  rows: readonly MatrixRow[];
}

export interface MatrixRow {
  permission: string;
  /** `everyone`, a role, a service or break-glass. */
  holders: readonly string[];
  gate: "none" | "fresh" | "bound" | "four-eyes";
  dangerous: boolean;
}

/** Reads the matrix off a policy. Permissions that nobody holds are in it too: they are refused to everybody. */
export function accessMatrix(policy: CompiledPolicy, permissions: readonly string[]): AccessMatrix {
  const { access } = policy;
  return {
    version: policy.version,
    roles: [...policy.roles.keys()],
    rows: [...permissions].sort().map((permission) => {
      const gate = policy.gate(permission);
      return {
        permission,
        holders: [
          ...(access.everyone.includes(permission) ? ["everyone"] : []),
          ...policy.holders(permission),
          ...(access.break_glass.permissions.includes(permission) ? [BREAK_GLASS] : []),
          ...(policy.service("scheduler").has(permission) ? ["scheduler"] : []),
          ...(policy.service("operator").has(permission) ? ["operator"] : []),
        ],
        gate: gate.kind === "step-up" ? gate.level : gate.kind,
        dangerous: policy.isDangerous(permission),
      };
    }),
  };
}

/** The matrix of the policy in force. */
export const matrix = query({
  name: "staff.matrix",
  input: z.strictObject({}),
  async run({ tx, access }) {
    const policy = await access.rules(tx);
    const named = [
      ...policy.access.everyone,
      ...[...policy.roles.values()].flatMap((rule) => rule.permissions),
      ...policy.access.services.scheduler,
      ...policy.access.services.operator,
    ];
    return accessMatrix(policy, [...new Set(named)]);
  },
});

/** The matrix as Markdown, for `policies/access-matrix.md`: a change of rights shows in a diff. */
export function renderMatrix(matrix: AccessMatrix): string {
  const lines = matrix.rows.map(({ permission, holders, gate, dangerous }) => {
    const name = dangerous ? `**${permission}**` : permission;
    return `| ${name} | ${gate === "none" ? "" : gate} | ${holders.length === 0 ? "nobody" : holders.join(", ")} |`;
  });
  return [
    "# Access matrix",
    "",
    `Generated from access.yaml ${matrix.version} by \`npm run matrix\`; do not edit. Bold: granting it needs four eyes.`,
    "",
    "| permission | gate | who |",
    "|---|---|---|",
    ...lines,
    "",
  ].join("\n");
}
