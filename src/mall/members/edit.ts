import { z } from "zod";
import { command } from "../../door/command.ts";
import { Id } from "../../door/ids.ts";
import { Refusal } from "../../door/refusal.ts";
import type { Tx } from "../../door/tables.ts";
import type { Vault } from "../../platform/vault/index.ts";
import { optional, type PersonalData, type PersonalField, personalFields } from "./fields.ts";
import { reviewMachine, step, tiers } from "./model.ts";
import { minimumAge } from "./params.ts";
import { type LockedMember, lockMember, memberTarget } from "./record.ts";
import { refuseTooYoung } from "./register.ts";
import { cellOf, refuseClosed, refusingTaken, sealAll, tokensOf } from "./storage.ts";
import { Version } from "../../platform/integers.ts";
import { together } from "../../platform/together.ts";

/** The fields that may be emptied; without a name nobody is a member. */
export const clearableFields = ["sex", "birth_date", "phone", "email"] as const;

/**
 * Changes a member's data (5.1.3). An empty field keeps what is stored, because the form shows masks and not values;
 * `clear` empties fields. What was changed is submitted for review again, and a new phone or mail has to be verified
 * again. Refuses `conflict` when somebody was quicker, and `frozen` for restricted data. Typing what is stored already changes nothing.
 */
export const edit = command({
  name: "members.edit",
  input: together(
    z.strictObject({
      member: Id,
      version: Version,
      name: optional("name"),
      phone: optional("phone"),
      email: optional("email"),
      sex: optional("sex"),
      birth_date: optional("birth_date"),
      clear: z.array(z.enum(clearableFields)).max(clearableFields.length).default([]),
      tier: z.enum(tiers),
    }),
    "phone or email remains",
    "birth_date is at least member_min_age years ago",
  ),
  target: (input) => ({ type: "member", id: input.member, version: input.version }),
  async run({ tx, vault, actor, input, params, record, now, mallTimeZone }) {
    const member = await lockMember(tx, input.member, input.version);
    await refuseClosed(tx, vault, member);
    const { member: _, version: __, tier, clear, ...typed } = input;
    refuseTooYoung(typed.birth_date, params(minimumAge), now, mallTimeZone);
    const data = await onlyChanged(tx, vault, member, wanted(typed, clear));
    const fields = personalFields.filter((field) => data[field] !== undefined);
    refuseUnreachable(member, data);

    record.target(memberTarget(member));
    if (fields.length === 0 && tier === member.tier) return { changed: fields };
    const [columns = {}] = await sealAll(tx, vault, await tokensOf(tx, vault), [{ id: member.id, data }]);
    await refusingTaken(async () => {
      await tx
        .updateTable("members.member")
        .set({
          ...columns,
          ...(fields.length === 0 ? {} : resubmitted(member, actor.id, now)),
          ...(data.phone === undefined ? {} : { phone_verified_at: null }),
          ...(data.email === undefined ? {} : { email_verified_at: null }),
          tier,
          updated_at: now,
          version: member.version + 1,
        })
        .where("id", "=", member.id)
        .execute();
    });

    record.change("tier", member.tier, tier);
    if (fields.length > 0) record.change("review_state", member.review_state, "submitted");
    for (const field of fields) {
      record.sensitive(field, cellOf(member, field), cellOf({ id: member.id, ...columns }, field));
    }
    return { changed: fields };
  },
});

function wanted(typed: PersonalData, clear: readonly PersonalField[]): Partial<PersonalData> {
  const entries = personalFields.flatMap((field): [PersonalField, string | null][] => {
    const value = typed[field];
    if (value !== null) return [[field, value]];
    return clear.includes(field) ? [[field, null]] : [];
  });
  return Object.fromEntries(entries);
}

/** Leaves out what is stored just so. The vault compares; nothing is opened. */
async function onlyChanged(
  tx: Tx,
  vault: Vault,
  member: LockedMember,
  data: Partial<PersonalData>,
): Promise<Partial<PersonalData>> {
  const fields = personalFields.filter((field) => data[field] !== undefined);
  const same = await vault.same(
    tx,
    fields.map((field) => ({ cell: cellOf(member, field), value: data[field] ?? null })),
  );
  return Object.fromEntries(
    fields.flatMap((field, at) => (same[at] === true ? [] : [[field, data[field] ?? null]])),
  );
}

function refuseUnreachable(member: LockedMember, data: Partial<PersonalData>): void {
  const phone = data.phone === undefined ? member.phone_ct : data.phone;
  const email = data.email === undefined ? member.email_ct : data.email;
  if (phone === null && email === null) {
    throw new Refusal("invalid", "invalid", { issues: [{ path: "phone", code: "contact" }] });
  }
}

/** Changed data waits for its review again, whatever was decided before. */
export function resubmitted(member: Pick<LockedMember, "review_state">, person: string, now: Date) {
  return {
    review_state: step(reviewMachine, member.review_state, "edit"),
    review_reason: null,
    reviewed_at: null,
    reviewed_by: null,
    submitted_at: now,
    submitted_by: person,
  };
}
