import { sql } from "kysely";
import { z } from "zod";
import { command } from "../../door/command.ts";
import { Id } from "../../door/ids.ts";
import type { Tx } from "../../door/tables.ts";
import { consentChannels, type ConsentPurpose, consentPurposes } from "./model.ts";
import { noticeVersion } from "./params.ts";
import { lockMember, memberTarget } from "./record.ts";

/** What a member said about one purpose, under one version of the privacy notice. */
export interface Consent {
  purpose: ConsentPurpose;
  policy_version: string;
  granted: boolean;
}

/**
 * Records that a member agreed to a purpose or withdrew from it, under the version of the notice in force. Nothing is
 * overwritten: the newest row is the answer, the others are the proof. Saying the same again adds nothing.
 */
export const recordConsent = command({
  name: "members.consent.record",
  crud: "c",
  input: z.strictObject({
    member: Id,
    purpose: z.enum(consentPurposes),
    granted: z.boolean(),
    channel: z.enum(consentChannels),
  }),
  target: (input) => ({ type: "member", id: input.member }),
  async run({ tx, input, params, record, now, newId }) {
    const member = await lockMember(tx, input.member);
    const current = (await currentConsents(tx, [member.id])).get(member.id)?.get(input.purpose);
    const said = { purpose: input.purpose, policy_version: params(noticeVersion), granted: input.granted };
    record.target(memberTarget(member));
    record.fact("purpose", input.purpose);
    if (current !== undefined && sameConsent(current, said)) return { recorded: false };

    await tx
      .insertInto("members.consent")
      .values(consentRows(member.id, [said], input.channel, now, newId))
      .execute();
    record.change(`consent.${input.purpose}`, current?.granted ?? null, said.granted);
    record.fact("notice_version", said.policy_version);
    return { recorded: true };
  },
});

/** Rows of the append-only table. */
export function consentRows(
  member: string,
  consents: readonly Consent[],
  channel: (typeof consentChannels)[number] | "import",
  at: Date,
  newId: () => string,
) {
  return consents.map((consent) => ({ id: newId(), member_id: member, ...consent, channel, at }));
}

/** The newest answer of each member to each purpose. */
export async function currentConsents(
  tx: Tx,
  members: readonly string[],
): Promise<Map<string, Map<ConsentPurpose, Consent & { at: Date; channel: string }>>> {
  const rows = await tx
    .selectFrom("members.consent")
    .distinctOn(["member_id", "purpose"])
    .select(["member_id", "purpose", "policy_version", "granted", "at", "channel"])
    .where("member_id", "=", sql<string>`ANY(${members}::uuid[])`)
    .orderBy("member_id")
    .orderBy("purpose")
    .orderBy("id", "desc")
    .execute();
  const newest = new Map(members.map((id) => [id, new Map<ConsentPurpose, (typeof rows)[number]>()]));
  for (const row of rows) newest.get(row.member_id)?.set(row.purpose, row);
  return newest;
}

export function sameConsent(a: Consent, b: Consent): boolean {
  return a.purpose === b.purpose && a.policy_version === b.policy_version && a.granted === b.granted;
}
