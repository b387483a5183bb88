import { Refusal } from "../../door/refusal.ts";
import type { Tx } from "../../door/tables.ts";
import { sealedColumns } from "./storage.ts";

/** What the commands need to know of a member before they change anything. */
export const memberColumns = [
  "id",
  "no",
  ...sealedColumns,
  "tier",
  "review_state",
  "review_reason",
  "submitted_by",
  "status",
  "phone_verified_at",
  "email_verified_at",
  "version",
] as const;

/**
 * Reads a member and locks the row, so that two changes of one member wait for each other.
 * Refuses `not-found`, and `conflict` when `version` is not the one in the database: somebody was quicker.
 */
export async function lockMember(tx: Tx, id: string, version?: number) {
  const member = await tx
    .selectFrom("members.member")
    .select(memberColumns)
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
  if (member === undefined) throw new Refusal("not-found", "not-found");
  if (version !== undefined && version !== member.version) throw new Refusal("conflict", "conflict");
  return member;
}

export type LockedMember = Awaited<ReturnType<typeof lockMember>>;

/** The numbers on the cards of members, by id: how those who are asked to agree know whom it is about. */
export async function memberNumbers(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.selectFrom("members.member").select(["id", "no"]).where("id", "in", ids).execute();
  return new Map(rows.map(({ id, no }) => [id, no]));
}

/** How the log names a member: by the number on the card. */
export function memberTarget(member: { id: string; no: string }) {
  return { type: "member", id: member.id, label: member.no };
}
