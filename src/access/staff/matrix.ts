import { z } from "zod";
import { query } from "../../door/command.ts";
import type { CompiledPolicy, Words } from "../../platform/policy/index.ts";
import { beforeCode, beforeEnrolment } from "../half.ts";
import { BREAK_GLASS } from "../grants/duties.ts";

/** Who may do what, as a table: a row a permission, a column a role. */
export interface AccessMatrix {
  version: string;
  roles: readonly string[];
  /** What the rules call each role: a role of a later version has no message in the program. */
  titles: ReadonlyMap<string, Words>;
  rows: readonly MatrixRow[];
  duties: readonly DutyRow[];
}

/** What the rules keep apart, and why they say so. */
export interface DutyRow {
  why: Words;
  one: readonly string[];
  other: readonly string[];
  /** Static: no person holds both. Dynamic: nobody does both to the same object. */
  kind: "static" | "dynamic";
}

export interface MatrixRow {
  permission: string;
  /** `everyone`, a role, a service or break-glass. */
  holders: readonly string[];
  gate: "none" | "fresh" | "bound" | "four-eyes";
  dangerous: boolean;
}

/** A command or query, as far as the matrix needs it. */
export interface Offer {
  name: string;
  /** Passes the door without a person: sign-in itself, one-time links. */
  anonymous?: boolean;
}

/** Reads the matrix off a policy. What nobody holds is in it too: it is refused to everybody. */
export function accessMatrix(policy: CompiledPolicy, offers: readonly Offer[]): AccessMatrix {
  const { access } = policy;
  return {
    version: policy.version,
    roles: [...policy.roles.keys()],
    titles: new Map([...policy.roles].map(([role, { title }]) => [role, title])),
    duties: [
      ...access.duties.static.map(({ why, one, other }) => ({ why, one, other, kind: "static" as const })),
      ...access.duties.dynamic.map(({ why, command, after }) => ({
        why,
        one: [command],
        other: after,
        kind: "dynamic" as const,
      })),
    ],
    rows: offers.toSorted(byName).map(({ name: permission, anonymous }) => {
      const gate = policy.gate(permission);
      return {
        permission,
        holders: [
          ...(anonymous === true ? ["anybody"] : []),
          ...(beforeCode.has(permission) || beforeEnrolment.has(permission) ? ["between_factors"] : []),
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

function byName(a: Offer, b: Offer): number {
  return a.name < b.name ? -1 : 1;
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
    return accessMatrix(
      policy,
      [...new Set(named)].map((name) => ({ name })),
    );
  },
});

/**
 * The matrix as Markdown, for `policies/access-matrix.md`: a change of rights shows in a diff.
 * @internal a test writes and compares the page
 */
export function renderMatrix(matrix: AccessMatrix): string {
  const lines = matrix.rows.map(({ permission, holders, gate, dangerous }) => {
    const name = dangerous ? `**${permission}**` : permission;
    return `| ${name} | ${gate === "none" ? "" : gate} | ${holders.length === 0 ? "nobody" : holders.join(", ")} |`;
  });
  return [
    "# Access matrix",
    "",
    `Generated from access.yaml ${matrix.version}; do not edit: \`npx vitest run test/access/matrix.test.ts -u\` writes it anew. Bold: granting it needs four eyes.`,
    "",
    "| permission | gate | who |",
    "|---|---|---|",
    ...lines,
    "",
  ].join("\n");
}
