import type { CompiledPolicy, RoleRule } from "../../platform/policy/index.ts";

/**
 * Why a role is given by two people: what in it is dangerous by itself, and what a static duty keeps from whoever may
 * give it. Without the second part one person could invite another, give them the half that they may not hold, and be
 * both. Empty: one person gives it. `givers`: the roles of whoever gives.
 */
export function whyTwoPeople(
  policy: CompiledPolicy,
  rule: RoleRule,
  givers: readonly string[] = [],
): readonly string[] {
  const held = policy.permissionsOf([...givers, ...rule.granted_by]);
  const apart = new Set(
    policy.access.duties.static.flatMap(({ one, other }) => [
      ...(one.some((permission) => held.has(permission)) ? other : []),
      ...(other.some((permission) => held.has(permission)) ? one : []),
    ]),
  );
  return rule.permissions.filter((permission) => policy.isDangerous(permission) || apart.has(permission));
}
