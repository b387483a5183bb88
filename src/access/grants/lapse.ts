import { sql } from "kysely";
import type { Tx } from "../../door/tables.ts";
import type { CompiledPolicy } from "../../platform/policy/index.ts";
import { whyTwoPeople } from "./two-people.ts";

/**
 * The grants of a person that two people gave, or that the rules do not know any more. They were given to whoever held
 * the factor; they do not pass to whoever enrols the next one.
 */
export async function grantsOfTwo(
  tx: Tx,
  policy: CompiledPolicy,
  person: string,
): Promise<{ id: string; role: string }[]> {
  const held = await sql<{ id: string; role: string }>`
    SELECT id, role FROM access.role_grant
    WHERE person_id = ${person} AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
    ORDER BY role`.execute(tx);
  return held.rows.filter(({ role }) => {
    const rule = policy.roles.get(role);
    return rule === undefined || whyTwoPeople(policy, rule).length > 0;
  });
}

/** Takes those grants away, and gives their roles. The caller has locked the person. */
export async function lapseGrantsOfTwo(
  tx: Tx,
  policy: CompiledPolicy,
  person: string,
  by: { id: string; now: Date },
): Promise<string[]> {
  const lapsing = await grantsOfTwo(tx, policy, person);
  if (lapsing.length > 0)
    await tx
      .updateTable("access.role_grant")
      .set({ revoked_at: by.now, revoked_by: by.id })
      .where(
        "id",
        "in",
        lapsing.map(({ id }) => id),
      )
      .execute();
  return [...new Set(lapsing.map(({ role }) => role))];
}
