import { reveal } from "../../door/command.ts";
import { Id } from "../../door/ids.ts";
import { Refusal } from "../../door/refusal.ts";
import { commitmentsOf, detailsOf } from "../../platform/audit/details.ts";
import { together } from "../../platform/together.ts";
import { opensCommitment } from "../../platform/vault/index.ts";
import { basisFor, LookInput, payForLook } from "./look.ts";
import { lockMember, memberTarget } from "./record.ts";
import { cellOf } from "./storage.ts";

/** One side of a change, opened. */
export interface OpenedSide {
  side: "before" | "after";
  value: string;
  /** Whether it is what the log committed to; null while the event is on its way into the log. */
  proved: boolean | null;
}

/**
 * Opens what one event of the log committed to: one field of one member, before and after, for one person. Asked, paid for
 * and written down as a look at the field itself, and compared with the commitments in the log. Refuses `not-found` where
 * the event changed no such field of this member, or its values were erased.
 */
export const revealChange = reveal({
  name: "members.reveal_change",
  gateAtLeast: "step-up",
  input: together(
    LookInput.extend({ event: Id }),
    "purpose is one of reveal_purposes",
    "ticket is given where the purpose asks for one",
  ),
  target: (input) => ({ type: "member", id: input.member }),
  async run(context) {
    const { tx, input, record } = context;
    const paid = await payForLook(context);
    const member = await lockMember(tx, input.member);
    record.target(memberTarget(member));
    record.target({ type: "audit-event", id: input.event });
    const { event, field } = input;
    const details = await detailsOf(tx, { event, field, owner: member.id });
    if (details.length === 0) throw new Refusal("not-found", "not-found");
    // everybody has a name: whether it is closed says whether the person's data is restricted
    const basis = await basisFor(context, cellOf(member, "name"));
    return { member: { id: member.id, no: member.no }, event, details, basis, ...paid };
  },
  covers: ({ event, details }) =>
    details.map(({ slot }) => ({ table: "audit.detail", column: slot, rowId: event })),
  terms: ({ basis }) => (basis === null ? {} : { legalBasis: basis }),
  async open({ tx, vault, input, release, granted }) {
    const { member, event, details, until, minutes, left } = granted;
    const opened = await vault.revealDetails(
      tx,
      release,
      details.map(({ slot, sealed }) => ({ owner: member.id, event, slot, detail: sealed })),
    );
    const logged = await commitmentsOf(tx, event, input.field);
    const sides = details.flatMap(({ side }, at): OpenedSide[] => {
      const found = opened[at];
      if (found === undefined) return [];
      const commit = logged?.[side] ?? "";
      return [{ side, value: found.value, proved: logged === null ? null : opensCommitment(commit, found) }];
    });
    return { sides, member, until, minutes, left };
  },
});
