import { z } from "zod";
import { command } from "../../door/command.ts";
import { Refusal } from "../../door/refusal.ts";
import { consentChannels, consentPurposes, ageOn, tiers } from "./model.ts";
import { consentRows } from "./consents.ts";
import { given, MemberNo, optional, type PersonalData, personalFields } from "./fields.ts";
import { minimumAge, noticeVersion } from "./params.ts";
import { cellOf, refusingTaken, sealNew, tokensOf } from "./storage.ts";
import { together } from "../../platform/together.ts";

/**
 * Registers a member (5.1.1): a name, a way to reach them, and what they agree to; the rest can wait.
 * Refuses `invalid` without phone and mail, without consent to the service itself, under the policy's age, and when number,
 * phone or mail belong to another member. The new data waits for its review.
 */
export const register = command({
  name: "members.register",
  crud: "c",
  input: together(
    z.strictObject({
      member_no: MemberNo,
      name: given("name"),
      phone: optional("phone"),
      email: optional("email"),
      sex: optional("sex"),
      birth_date: optional("birth_date"),
      tier: z.enum(tiers).default("standard"),
      consents: z.array(z.enum(consentPurposes)).max(consentPurposes.length),
      channel: z.enum(consentChannels),
    }),
    "phone or email is given",
    "consents name service",
    "birth_date is at least member_min_age years ago",
  ),
  async run({ tx, vault, actor, input, params, record, now, newId, mallTimeZone }) {
    const { member_no: no, tier, consents, channel, ...data } = input;
    refuseIncomplete(data, consents);
    refuseTooYoung(data.birth_date, params(minimumAge), now, mallTimeZone);

    const id = newId();
    const [columns] = await sealNew(tx, vault, await tokensOf(tx, vault), [{ id, data }]);
    if (columns === undefined) throw new Error("one person gives one set of columns");
    await refusingTaken(async () => {
      await tx
        .insertInto("members.member")
        .values({ id, no, tier, ...columns, ...stamps(actor.id, now), registered_at: now })
        .execute();
    });
    const agreed = consents.map((purpose) => ({
      purpose,
      policy_version: params(noticeVersion),
      granted: true,
    }));
    await tx
      .insertInto("members.consent")
      .values(consentRows(id, agreed, channel, now, newId))
      .execute();

    record.target({ type: "member", id, label: no });
    record.change("tier", null, tier);
    record.change("consents", null, [...consents]);
    for (const field of personalFields) {
      record.sensitive(field, null, cellOf({ id, ...columns }, field));
    }
    return { member: id };
  },
});

/** Who submitted a new member, and the columns of time that every one has. */
export function stamps(person: string, now: Date) {
  return {
    sessions_valid_from: now,
    submitted_by: person,
    submitted_at: now,
    created_at: now,
    updated_at: now,
  };
}

function refuseIncomplete(data: PersonalData, consents: readonly string[]): void {
  const issues = [
    data.phone === null && data.email === null ? [{ path: "phone", code: "contact" }] : [],
    consents.includes("service") ? [] : [{ path: "consents", code: "service_consent" }],
  ].flat();
  if (issues.length > 0) throw new Refusal("invalid", "invalid", { issues });
}

/** Children need a guardian's consent, which this form cannot give (PIPL art. 31). */
export function refuseTooYoung(birthDate: string | null, minimum: number, now: Date, zone: string): void {
  if (birthDate === null || ageOn(birthDate, now, zone) >= minimum) return;
  throw new Refusal("invalid", "invalid", {
    issues: [{ path: "birth_date", code: "too_young", values: { minimum } }],
  });
}
