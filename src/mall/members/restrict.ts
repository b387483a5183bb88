import { z } from "zod";
import { command } from "../../door/command.ts";
import { Id } from "../../door/ids.ts";
import { Refusal } from "../../door/refusal.ts";
import { lockMember, memberNumbers, memberTarget } from "./record.ts";
import { Version } from "../../platform/integers.ts";

/**
 * Restricts a member's data to storage and protection, where erasing it is due but not allowed or not possible yet (PIPL
 * art. 47). From then on masks are closed, nothing of it changes, and a value opens on a named legal basis only. There is
 * no way back but erasure: the vault's keys go forward. In force once somebody else agreed (four eyes, by policy).
 * Refuses `conflict` when it is restricted or erased already.
 */
export const restrict = command({
  name: "members.restrict",
  gateAtLeast: "four-eyes",
  severity: 3,
  resultAt: (member) => `/members/${member}`,
  labels: memberNumbers,
  input: z.strictObject({
    member: Id,
    version: Version,
    reason: z.string().trim().min(10).max(1_000),
  }),
  target: (input) => ({ type: "member", id: input.member, version: input.version }),
  async preview({ tx, input }) {
    const member = await tx
      .selectFrom("members.member")
      .select(["no", "version"])
      .where("id", "=", input.member)
      .executeTakeFirst();
    return {
      member_no: member?.no ?? null,
      changed_since: member !== undefined && member.version !== input.version,
    };
  },
  async run({ tx, vault, input, record, now }) {
    const member = await lockMember(tx, input.member, input.version);
    const key = await vault.restrict(tx, { subject: member.id, purpose: "profile" });
    if (key === null) throw new Refusal("conflict", "state");
    // and what stands behind the log's commitments: the same values, as they were
    await vault.restrict(tx, { subject: member.id, purpose: "audit-detail" });
    await tx
      .updateTable("members.member")
      .set({ updated_at: now, version: member.version + 1 })
      .where("id", "=", member.id)
      .execute();
    record.target(memberTarget(member));
    record.change("restricted", false, true);
    return { restricted: true };
  },
});
