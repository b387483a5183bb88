import { z } from "zod";
import { query } from "../../door/command.ts";
import { Id } from "../../door/ids.ts";
import { Refusal } from "../../door/refusal.ts";
import { personalFields } from "./fields.ts";
import { legalBases } from "./model.ts";
import { revealMinutes, revealPurposes } from "./params.ts";
import { cellOf, sealedColumns } from "./storage.ts";

/** One member: facts, the masks of the personal data, consents with their history. The log keeps who opened the page. */
export const view = query({
  name: "members.view",
  input: z.strictObject({ member: Id }),
  async run({ tx, vault, input, params }) {
    const row = await tx
      .selectFrom("members.member")
      .select([
        "id",
        "no",
        ...sealedColumns,
        "tier",
        "review_state",
        "review_reason",
        "reviewed_at",
        "status",
        "status_reason",
        "phone_verified_at",
        "email_verified_at",
        "sessions_valid_from",
        "registered_at",
        "submitted_at",
        "updated_at",
        "version",
      ])
      .where("id", "=", input.member)
      .executeTakeFirst();
    if (row === undefined) throw new Refusal("not-found", "not-found");
    const masks = await vault.mask(
      tx,
      personalFields.map((field) => cellOf(row, field)),
    );
    const consents = await tx
      .selectFrom("members.consent")
      .select(["id", "purpose", "policy_version", "granted", "channel", "at"])
      .where("member_id", "=", row.id)
      .orderBy("id", "desc")
      .limit(200)
      .execute();
    const { name_ct: _, sex_ct: __, birth_ct: ___, phone_ct: ____, email_ct: _____, ...member } = row;
    return {
      member,
      data: personalFields.map((field, at) => ({ field, mask: masks[at] ?? emptyMask })),
      consents,
      /** What a look at plaintext would have to say, and how long it would last. */
      reveal: { purposes: params(revealPurposes), minutes: params(revealMinutes), bases: legalBases },
    };
  },
  logged: (_input, { member }) => ({ target: [{ type: "member", id: member.id, label: member.no }] }),
});

const emptyMask = { state: "empty", text: "" } as const;
