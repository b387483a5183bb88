import { z } from "zod";
import type { RunContext } from "../../door/command.ts";
import { Id } from "../../door/ids.ts";
import { Refusal } from "../../door/refusal.ts";
import { CaseNumber } from "../../platform/case-number.ts";
import type { SealedCell } from "../../platform/vault/index.ts";
import { dayWindow, spend } from "./budget.ts";
import { personalFields } from "./fields.ts";
import { legalBases } from "./model.ts";
import { revealBudgets, revealMinutes, revealPurposes } from "./params.ts";

/** What every look at plaintext is asked. */
export const LookInput = z.strictObject({
  member: Id,
  field: z.enum(personalFields),
  purpose: z.string().max(60),
  /** Asked for only where the data is restricted. */
  basis: z.enum(legalBases).nullable().default(null),
  ticket: z.union([z.literal("").transform(() => null), CaseNumber]).nullable(),
});
type Look = z.output<typeof LookInput>;

/**
 * Checks what a look is for, takes it from the day's budget, and says so in its event. Refuses `invalid` for a purpose that
 * policy does not list or a missing ticket, `throttled` when the budget is used up.
 */
export async function payForLook({
  tx,
  actor,
  input,
  params,
  record,
  now,
  mallTimeZone,
}: RunContext<Look>): Promise<{ left: number; minutes: number; until: Date }> {
  const purpose = params(revealPurposes).find(({ code }) => code === input.purpose);
  if (purpose === undefined) refuse("purpose", "choice");
  else if (purpose.ticket && input.ticket === null) refuse("ticket", "required");

  const budgets = params(revealBudgets);
  const limit = Math.max(0, ...actor.roles.map((role) => budgets[role] ?? 0));
  const { left } = await spend(tx, actor.id, dayWindow(now, mallTimeZone), limit);
  record.purpose(input.purpose, input.ticket ?? undefined);
  record.field(input.field);
  record.fact("field", input.field);
  record.fact("budget_left", left);
  const minutes = params(revealMinutes);
  return { left, minutes, until: new Date(now.getTime() + minutes * 60_000) };
}

/** The legal basis on which a cell opens (PIPL art. 47); null where none is needed. Refuses `invalid` where one is missing. */
export async function basisFor(
  { tx, vault, input, record }: RunContext<Look>,
  cell: SealedCell,
): Promise<Look["basis"]> {
  const [mask] = await vault.mask(tx, [cell]);
  if (mask?.state !== "sealed") return null;
  if (input.basis === null) refuse("basis", "required");
  record.fact("legal_basis", input.basis);
  return input.basis;
}

function refuse(path: string, code: string): never {
  throw new Refusal("invalid", "invalid", { issues: [{ path, code }] });
}
