import { z } from "zod";
import { query } from "../../door/command.ts";
import { Id } from "../../door/ids.ts";
import { Refusal } from "../../door/refusal.ts";
import type { Tx } from "../../door/tables.ts";
import type { Vault } from "../../platform/vault/index.ts";
import { openReason } from "../reasons.ts";

function glasses(tx: Tx) {
  return tx
    .selectFrom("access.break_glass as b")
    .innerJoin("access.person as p", "p.id", "b.person_id")
    .leftJoin("access.person as r", "r.id", "b.reviewed_by")
    .select([
      "b.id",
      "p.id as person",
      "p.login",
      "p.display_name as name",
      "b.reason",
      "b.opened_at as openedAt",
      "b.expires_at as expiresAt",
      "b.ended_at as endedAt",
      "b.review_due_at as dueAt",
      "b.reviewed_at as reviewedAt",
      "b.review_outcome as outcome",
      "b.review_note as note",
      "r.login as reviewedBy",
    ]);
}

type Sealed = Awaited<ReturnType<ReturnType<typeof glasses>["executeTakeFirstOrThrow"]>>;

async function opened(tx: Tx, vault: Vault, glass: Sealed): Promise<Sealed> {
  const reason = await openReason(tx, vault, glass.reason);
  const note = glass.note === null ? null : await openReason(tx, vault, glass.note);
  return { ...glass, reason, note };
}

/** The last hundred times that the glass was broken, those without review first. */
export const listBreakGlass = query({
  name: "staff.break_glass.list",
  input: z.strictObject({}),
  async run({ tx, vault }) {
    const rows = await glasses(tx)
      .orderBy((eb) => eb("b.reviewed_at", "is", null), "desc")
      .orderBy("b.opened_at", "desc")
      .limit(100)
      .execute();
    return await Promise.all(rows.map(async (row) => await opened(tx, vault, row)));
  },
});

export const viewBreakGlass = query({
  name: "staff.break_glass.view",
  input: z.strictObject({ id: Id }),
  async run({ tx, vault, input }) {
    const row = await glasses(tx).where("b.id", "=", input.id).executeTakeFirst();
    if (row === undefined) throw new Refusal("not-found", "not_found");
    return await opened(tx, vault, row);
  },
});

export type Glass = Awaited<ReturnType<(typeof viewBreakGlass)["run"]>>;
