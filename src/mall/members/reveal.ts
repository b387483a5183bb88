import { reveal } from "../../door/command.ts";
import { together } from "../../platform/together.ts";
import { basisFor, LookInput, payForLook } from "./look.ts";
import { lockMember, memberTarget } from "./record.ts";
import { cellOf } from "./storage.ts";

/**
 * Shows one field of one member to one person (5.1.4). The event, with purpose and ticket, and the budget's decrement
 * commit before the vault opens anything. Refuses what `payForLook` refuses. Restricted data opens on a named legal basis
 * only (PIPL art. 47).
 */
export const revealField = reveal({
  name: "members.reveal",
  gateAtLeast: "step-up",
  input: together(
    LookInput,
    "purpose is one of reveal_purposes",
    "ticket is given where the purpose asks for one",
  ),
  target: (input) => ({ type: "member", id: input.member }),
  async run(context) {
    const { tx, input, record } = context;
    const paid = await payForLook(context);
    const member = await lockMember(tx, input.member);
    record.target(memberTarget(member));
    const cell = cellOf(member, input.field);
    const basis = await basisFor(context, cell);
    return { member: { id: member.id, no: member.no }, cell, basis, ...paid };
  },
  covers: ({ cell }) => [cell],
  terms: ({ basis }) => (basis === null ? {} : { legalBasis: basis }),
  async open({ tx, vault, release, granted }) {
    const [value = null] = await vault.reveal(tx, release, [granted.cell]);
    const { member, until, minutes, left } = granted;
    return { value, member, until, minutes, left };
  },
});
