import { z } from "zod";
import { reveal } from "../../door/command.ts";
import { Id } from "../../door/ids.ts";
import { Refusal } from "../../door/refusal.ts";
import { CaseNumber } from "../../platform/case-number.ts";
import { dayWindow, spend } from "./budget.ts";
import { personalFields } from "./fields.ts";
import { legalBases } from "./model.ts";
import { revealBudgets, revealMinutes, revealPurposes } from "./params.ts";
import { lockMember, memberTarget } from "./record.ts";
import { cellOf } from "./storage.ts";
import { together } from "../../platform/together.ts";

/**
 * Shows one field of one member to one person (5.1.4). The event, with purpose and ticket, and the budget's decrement
 * commit before the vault opens anything. Refuses `invalid` for a purpose that policy does not list or a missing ticket,
 * `throttled` when the day's budget is used up. Restricted data opens on a named legal basis only (PIPL art. 47).
 */
export const revealField = reveal({
  name: "members.reveal",
  gateAtLeast: "step-up",
  input: together(
    z.strictObject({
      member: Id,
      field: z.enum(personalFields),
      purpose: z.string().max(60),
      /** Asked for only where the data is restricted. */
      basis: z.enum(legalBases).nullable().default(null),
      ticket: z.union([z.literal("").transform(() => null), CaseNumber]).nullable(),
    }),
    "purpose is one of reveal_purposes",
    "ticket is given where the purpose asks for one",
  ),
  target: (input) => ({ type: "member", id: input.member }),
  async run({ tx, vault, actor, input, params, record, now, mallTimeZone }) {
    const purpose = params(revealPurposes).find(({ code }) => code === input.purpose);
    if (purpose === undefined) refuse("purpose", "choice");
    else if (purpose.ticket && input.ticket === null) refuse("ticket", "required");

    const budgets = params(revealBudgets);
    const limit = Math.max(0, ...actor.roles.map((role) => budgets[role] ?? 0));
    const { left } = await spend(tx, actor.id, dayWindow(now, mallTimeZone), limit);
    const member = await lockMember(tx, input.member);
    record.target(memberTarget(member));
    record.purpose(input.purpose, input.ticket ?? undefined);
    record.fact("field", input.field);
    record.fact("budget_left", left);
    const cell = cellOf(member, input.field);
    const [mask] = await vault.mask(tx, [cell]);
    const basis = mask?.state === "sealed" ? input.basis : null;
    if (mask?.state === "sealed" && basis === null) refuse("basis", "required");
    if (basis !== null) record.fact("legal_basis", basis);
    const minutes = params(revealMinutes);
    return {
      member: { id: member.id, no: member.no },
      cell,
      basis,
      left,
      until: new Date(now.getTime() + minutes * 60_000),
      minutes,
    };
  },
  covers: ({ cell }) => [cell],
  terms: ({ basis }) => (basis === null ? {} : { legalBasis: basis }),
  async open({ tx, vault, release, granted }) {
    const [value = null] = await vault.reveal(tx, release, [granted.cell]);
    const { member, until, minutes, left } = granted;
    return { value, member, until, minutes, left };
  },
});

function refuse(path: string, code: string): never {
  throw new Refusal("invalid", "invalid", { issues: [{ path, code }] });
}
