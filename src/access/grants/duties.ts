import { sql } from "kysely";
import { Refusal } from "../../door/refusal.ts";
import type { Tx } from "../../door/tables.ts";
import type { CompiledPolicy } from "../../platform/policy/index.ts";

/** The break-glass permissions count as a role of this name, in grants and in conflicts. */
export const BREAK_GLASS = "break_glass";

/** Who may break the glass holds what is behind it: a holder whom a duty keeps from it would only be counted as one. */
const OPENING = "staff.break_glass.open";

export interface RoleConflict {
  one: string;
  other: string;
  duty: string;
}

/** The duties of a policy, said in roles: each pair that would put both sides of one into one hand. */
export function roleConflicts(policy: CompiledPolicy): RoleConflict[] {
  const glass = policy.access.break_glass.permissions;
  const rules = new Map<string, readonly string[]>(
    [...policy.roles].map(([name, { permissions }]) => [
      name,
      permissions.includes(OPENING) ? [...permissions, ...glass] : permissions,
    ]),
  );
  rules.set(BREAK_GLASS, glass);
  const names = [...rules.keys()].sort();
  const holds = (name: string, permissions: readonly string[]) =>
    permissions.some((permission) => rules.get(name)?.includes(permission));
  return policy.access.duties.static.flatMap(({ id: duty, one, other }) =>
    names.flatMap((a, i) =>
      names
        .slice(i)
        .filter((b) => (holds(a, one) && holds(b, other)) || (holds(a, other) && holds(b, one)))
        .map((b) => ({ one: a, other: b, duty })),
    ),
  );
}

/**
 * Brings the database's pairs in line with the policy in force. Its deferred triggers then hold every grant, and every
 * person when the rules change, against them. Gives whether something changed.
 */
export async function syncDuties(tx: Tx, policy: CompiledPolicy): Promise<boolean> {
  const wanted = roleConflicts(policy).map(nameOf);
  const stored = (await tx.selectFrom("access.role_conflict").select(["one", "other", "duty"]).execute()).map(
    nameOf,
  );
  const gone = stored.filter((name) => !wanted.includes(name));
  const fresh = wanted.filter((name) => !stored.includes(name));
  for (const name of gone) {
    const { one, other, duty } = parse(name);
    await tx
      .deleteFrom("access.role_conflict")
      .where("one", "=", one)
      .where("other", "=", other)
      .where("duty", "=", duty)
      .execute();
  }
  if (fresh.length > 0)
    await tx
      .insertInto("access.role_conflict")
      .values(fresh.map(parse))
      .onConflict((c) => c.doNothing())
      .execute();
  return gone.length + fresh.length > 0;
}

/** What a person holds for good or for some hours, eligibility included: it can become a right without another gate. */
export async function rolesHeld(tx: Tx, person: string): Promise<string[]> {
  const rows = await sql<{ role: string }>`
    SELECT DISTINCT role FROM access.role_grant
    WHERE person_id = ${person} AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`.execute(
    tx,
  );
  return rows.rows.map((row) => row.role);
}

/** Refuses a role that would give this person both sides of a static duty. The caller has locked the person. */
export async function keepStaticDuties(
  tx: Tx,
  policy: CompiledPolicy,
  person: string,
  role: string,
): Promise<void> {
  const roles = [...(await rolesHeld(tx, person)), role];
  const broken = roleConflicts(policy).find(({ one, other }) => roles.includes(one) && roles.includes(other));
  if (broken !== undefined)
    throw new Refusal("conflict", "duty_static", {
      values: { duty: broken.duty, one: broken.one, other: broken.other },
    });
}

const nameOf = ({ one, other, duty }: RoleConflict): string => `${one} ${other} ${duty}`;

function parse(name: string): RoleConflict {
  const [one = "", other = "", duty = ""] = name.split(" ");
  return { one, other, duty };
}
