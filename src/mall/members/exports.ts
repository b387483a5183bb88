import { z } from "zod";
import { command, query, reveal } from "../../door/command.ts";
import { Id } from "../../door/ids.ts";
import { Refusal } from "../../door/refusal.ts";
import { personalFields } from "./fields.ts";
import { exportHours } from "./params.ts";
import { lockMember, memberNumbers, memberTarget } from "./record.ts";
import { passphrasePattern, sealFile } from "./sealed-file.ts";
import { cellOf, refuseClosed } from "./storage.ts";
import { Version } from "../../platform/integers.ts";

/**
 * Permits an export of all data of one member: what the person asked for is in force once somebody else agreed (four
 * eyes, by policy). Nothing is opened here; whoever asked fetches the file within the policy's hours.
 */
export const exportMember = command({
  name: "members.export",
  gateAtLeast: "four-eyes",
  crud: "x",
  severity: 3,
  resultAt: () => "/members/exports",
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
      fields: personalFields.length,
      changed_since: member !== undefined && member.version !== input.version,
    };
  },
  async run({ tx, vault, actor, input, params, record, now, newId }) {
    const member = await lockMember(tx, input.member, input.version);
    await refuseClosed(tx, vault, member);
    const id = newId();
    await tx
      .insertInto("members.export")
      .values({
        id,
        member_id: member.id,
        requested_by: actor.id,
        permitted_at: now,
        expires_at: new Date(now.getTime() + params(exportHours) * 3_600_000),
      })
      .execute();
    record.target(memberTarget(member));
    record.target({ type: "member_export", id });
    return { export: id };
  },
});

/**
 * Hands a permitted export out: once, to whoever asked for it, as an encrypted file. The passphrase was made by the page
 * and is kept nowhere. Refuses `not-found` for other people's exports, `conflict` after the first time and after the hours.
 */
export const downloadExport = reveal({
  name: "members.export.download",
  gateAtLeast: "step-up",
  crud: "x",
  severity: 3,
  input: z.strictObject({ export: Id, passphrase: z.string().regex(passphrasePattern) }),
  target: (input) => ({ type: "member_export", id: input.export }),
  async run({ tx, vault, actor, input, record, now }) {
    const found = await tx
      .selectFrom("members.export")
      .select(["id", "member_id", "requested_by", "expires_at", "downloaded_at"])
      .where("id", "=", input.export)
      .forUpdate()
      .executeTakeFirst();
    if (found === undefined || found.requested_by !== actor.id) throw new Refusal("not-found", "not-found");
    if (found.downloaded_at !== null) throw new Refusal("conflict", "export_used");
    if (found.expires_at <= now) throw new Refusal("conflict", "export_expired");
    await tx.updateTable("members.export").set({ downloaded_at: now }).where("id", "=", found.id).execute();

    const member = await lockMember(tx, found.member_id);
    await refuseClosed(tx, vault, member);
    record.target(memberTarget(member));
    record.purpose("export");
    record.fact("recipient", actor.display);
    const cells = personalFields.map((field) => cellOf(member, field));
    return {
      recipient: actor.display,
      cells,
      member: { id: member.id, no: member.no, tier: member.tier, status: member.status },
    };
  },
  covers: ({ cells }) => cells,
  terms: ({ recipient }) => ({ recipient }),
  async open({ tx, vault, release, granted, input, now }) {
    const values = await vault.disclose(tx, release, granted.recipient, granted.cells);
    const consents = await tx
      .selectFrom("members.consent")
      .select(["purpose", "policy_version", "granted", "channel", "at"])
      .where("member_id", "=", granted.member.id)
      .orderBy("id")
      .execute();
    const document = {
      exported_at: now.toISOString(),
      member: granted.member,
      data: Object.fromEntries(personalFields.map((field, at) => [field, values[at] ?? null])),
      consents: consents.map(({ at, ...consent }) => ({ ...consent, at: at.toISOString() })),
    };
    const file = sealFile(Buffer.from(JSON.stringify(document, null, 2)), input.passphrase);
    return { name: `${granted.member.no}.gatehouse-export.json`, file };
  },
});

/** Exports that the person asked for, the newest first. */
export const myExports = query({
  name: "members.exports",
  input: z.strictObject({}),
  run: async ({ tx, actor }) =>
    await tx
      .selectFrom("members.export as export")
      .innerJoin("members.member as member", "member.id", "export.member_id")
      .select(["export.id", "member.no", "export.permitted_at", "export.expires_at", "export.downloaded_at"])
      .where("export.requested_by", "=", actor.id)
      .orderBy("export.permitted_at", "desc")
      .limit(50)
      .execute(),
});

export type ExportRow = Awaited<ReturnType<typeof myExports.run>>[number];
