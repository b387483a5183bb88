import { z } from "zod";
import { command, type QueryContext, type RunContext } from "../../door/command.ts";
import { Id } from "../../door/ids.ts";
import { Refusal } from "../../door/refusal.ts";
import type { CompiledPolicy, RoleRule } from "../../platform/policy/index.ts";
import { notify } from "../notices/notify.ts";
import { sealReason } from "../reasons.ts";
import { keepAnAdministrator } from "../staff/commands.ts";
import { lockPerson, newVersion, Reason } from "../staff/people.ts";
import { keepStaticDuties, syncDuties } from "./duties.ts";
import { Version } from "../../platform/integers.ts";
import { whyTwoPeople } from "./two-people.ts";

const RoleName = z
  .string()
  .regex(/^[a-z][a-z_]*$/)
  .max(60);
const Grant = z.strictObject({ person: Id, role: RoleName, reason: Reason });
type Grant = z.output<typeof Grant>;
const staff = ({ person }: { person: string }) => ({ type: "staff", id: person });

/** Gives a role that one person may give. Refuses one with something dangerous in it, or kept from the giver by a duty. */
export const grantRole = command({
  name: "staff.roles.grant",
  gateAtLeast: "step-up",
  input: Grant,
  target: staff,
  crud: "c",
  severity: 3,
  async run(context) {
    const policy = await context.access.rules(context.tx);
    if (whyTwoPeople(policy, ruleOf(policy, context.input.role), context.actor.roles).length > 0)
      throw new Refusal("conflict", "grant_dangerous");
    return await give(context, policy);
  },
});

/**
 * Gives any role; the gate asks for four eyes. Refuses `conflict` when the person is not as they were when it was asked,
 * and before they have enrolled: until then whoever made the link could be them.
 */
export const grantDangerousRole = command({
  name: "staff.roles.grant_dangerous",
  gateAtLeast: "four-eyes",
  input: z.strictObject({ ...Grant.shape, version: Version }),
  target: ({ person, version }) => ({ type: "staff", id: person, version }),
  resultAt: (person) => `/staff/${person}`,
  crud: "c",
  severity: 3,
  async run(context) {
    const policy = await context.access.rules(context.tx);
    const person = await lockPerson(context.tx, context.input.person, context.input.version);
    if (person.state === "invited") throw new Refusal("conflict", "person_not_enrolled");
    return await give(context, policy);
  },
  async preview({ tx, input, access }) {
    const policy = await access.rules(tx);
    const dangerous = whyTwoPeople(policy, ruleOf(policy, input.role));
    const login = await loginOf(tx, input.person);
    return { login, role: input.role, dangerous: dangerous.join(", ") };
  },
});

/** Takes a role away, effective at the person's next request. */
export const revokeRole = command({
  name: "staff.roles.revoke",
  input: z.strictObject({ person: Id, grant: Id, reason: Reason }),
  target: staff,
  crud: "d",
  severity: 2,
  async run(context) {
    const { tx, actor, input, access, record, now } = context;
    const person = await lockPerson(tx, input.person);
    const policy = await access.rules(tx);
    const row = await tx
      .selectFrom("access.role_grant")
      .select(["role", "kind"])
      .where("id", "=", input.grant)
      .where("person_id", "=", person.id)
      .where("revoked_at", "is", null)
      .executeTakeFirst();
    if (row === undefined) throw new Refusal("not-found", "not_found");
    const rule = policy.roles.get(row.role);
    // a role that the policy no longer names may be taken away by whoever administers people
    if (rule !== undefined) mayAdminister(actor.roles, rule);
    if (rule?.permissions.includes("staff.roles.grant") === true)
      await keepAnAdministrator(context, access, person.id);
    await tx
      .updateTable("access.role_grant")
      .set({ revoked_at: now, revoked_by: actor.id })
      .where("id", "=", input.grant)
      .execute();
    await newVersion(tx, person);
    record.target({ type: "staff", id: person.id, label: person.login });
    record.change("role", row.role, null);
    record.fact("kind", row.kind);
    await notify(tx, now, [person.id], { kind: "roles_changed", facts: { role: row.role }, href: "/me" });
  },
});

async function give(
  context: RunContext<Grant & { version?: number }>,
  policy: CompiledPolicy,
): Promise<{ grant: string }> {
  const { tx, vault, actor, input, record, now, newId } = context;
  const rule = ruleOf(policy, input.role);
  if (actor.id === input.person) throw new Refusal("denied", "not_oneself");
  mayAdminister(actor.roles, rule);
  const person = await lockPerson(tx, input.person, input.version);
  if (person.state === "disabled") throw new Refusal("conflict", "colleague_disabled");
  await syncDuties(tx, policy);
  await keepStaticDuties(tx, policy, person.id, input.role);
  const grant = newId();
  const kind = rule.just_in_time ? "eligible" : "standing";
  const added = await tx
    .insertInto("access.role_grant")
    .values({
      id: grant,
      person_id: person.id,
      role: input.role,
      kind,
      reason: await sealReason(tx, vault, input.reason),
      granted_by: actor.id,
      granted_at: now,
    })
    .onConflict((c) =>
      c
        .columns(["person_id", "role", "kind"])
        .where("revoked_at", "is", null)
        .where("expires_at", "is", null)
        .doNothing(),
    )
    .executeTakeFirst();
  if (added.numInsertedOrUpdatedRows !== 1n) throw new Refusal("conflict", "role_held");
  await newVersion(tx, person);
  record.target({ type: "staff", id: person.id, label: person.login });
  record.change("role", null, input.role);
  record.fact("kind", kind);
  await notify(tx, now, [person.id], { kind: "roles_changed", facts: { role: input.role }, href: "/me" });
  return { grant };
}

/** The rule of a role. Refuses `invalid` at `role` when the policy does not name it. */
export function ruleOf(policy: CompiledPolicy, role: string): RoleRule {
  const rule = policy.roles.get(role);
  if (rule === undefined)
    throw new Refusal("invalid", "invalid", { issues: [{ path: "role", code: "choice" }] });
  return rule;
}

/** Nobody grants what they may not administer. */
export function mayAdminister(roles: readonly string[], rule: RoleRule): void {
  if (!rule.granted_by.some((by) => roles.includes(by))) throw new Refusal("denied", "not_yours_to_grant");
}

async function loginOf(tx: QueryContext<unknown>["tx"], id: string): Promise<string> {
  const row = await tx.selectFrom("access.person").select("login").where("id", "=", id).executeTakeFirst();
  return row?.login ?? "";
}
