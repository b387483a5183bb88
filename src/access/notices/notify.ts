import type { Tx } from "../../door/tables.ts";
import { uuidv7 } from "../../door/ids.ts";
import type { CompiledPolicy } from "../../platform/policy/index.ts";

/** What the console tells people by itself. Each has a message `notice.<kind>`. */
export type NoticeKind =
  | "access_review_due"
  | "approval_waiting"
  | "approval_executed"
  | "approval_denied"
  | "approval_failed"
  | "break_glass_opened"
  | "break_glass_overdue"
  | "credential_changed"
  | "factor_locked"
  | "new_device"
  | "recovery_code_used"
  | "roles_changed"
  | "session_crowded_out"
  | "signed_in_after_failures";

export interface NoticeFacts {
  kind: NoticeKind;
  /** Codes, logins and counts for the message; never personal data. */
  facts?: Record<string, string | number>;
  href?: string;
}

/** Tells people something, in the transaction that causes it: what was rolled back is told to nobody. */
export async function notify(
  tx: Tx,
  now: Date,
  people: readonly string[],
  notice: NoticeFacts,
): Promise<void> {
  if (people.length === 0) return;
  await tx
    .insertInto("access.notice")
    .values(
      people.map((person) => ({
        id: uuidv7(now.getTime()),
        person_id: person,
        kind: notice.kind,
        facts: JSON.stringify(notice.facts ?? {}),
        href: notice.href ?? null,
        at: now,
      })),
    )
    .execute();
}

/** Everybody who holds one of these roles now and may act. */
export async function holdersOf(tx: Tx, roles: readonly string[], except?: string): Promise<string[]> {
  if (roles.length === 0) return [];
  const rows = await tx
    .selectFrom("access.role_grant as g")
    .innerJoin("access.person as p", "p.id", "g.person_id")
    .select("g.person_id")
    .distinct()
    .where("g.role", "in", [...roles])
    .where("g.kind", "in", ["standing", "just_in_time"])
    .where("g.revoked_at", "is", null)
    .where((eb) => eb.or([eb("g.expires_at", "is", null), eb("g.expires_at", ">", eb.fn<Date>("now"))]))
    .where("p.state", "=", "active")
    .execute();
  return rows.map((row) => row.person_id).filter((id) => id !== except);
}

/** Everybody whose roles give this permission. */
export async function peopleWith(
  tx: Tx,
  policy: CompiledPolicy,
  permission: string,
  except?: string,
): Promise<string[]> {
  return await holdersOf(tx, policy.holders(permission), except);
}
