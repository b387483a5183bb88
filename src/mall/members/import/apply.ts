import type { FurtherEvent } from "../../../door/command.ts";
import type { Change as LoggedChange } from "../../../door/event.ts";
import type { SensitiveChange } from "../../../door/ports.ts";
import type { Tx } from "../../../door/tables.ts";
import type { Vault } from "../../../platform/vault/index.ts";
import { insertRows } from "../bulk.ts";
import { type Consent, consentRows } from "../consents.ts";
import { resubmitted } from "../edit.ts";
import { personalFields } from "../fields.ts";
import type { ConsentPurpose } from "../model.ts";
import { stamps } from "../register.ts";
import { cellOf, sealAll, type SealedColumns, sealNew, type Tokens } from "../storage.ts";
import type { Change, Planned, StoredMember } from "./plan.ts";
import type { MemberRow } from "./rows.ts";

export interface Hands {
  tx: Tx;
  vault: Vault;
  tokens: Tokens;
  /** The person in whose name the members are written. */
  person: string;
  now: Date;
  newId(): string;
}

/** Does what was planned: new members, changed members, consents. Gives one event for each member touched. */
export async function applyPlan(hands: Hands, plan: readonly Planned[]): Promise<FurtherEvent[]> {
  const created = plan.flatMap((p) => (p.outcome === "created" ? [{ id: hands.newId(), row: p.row }] : []));
  const changed = plan.flatMap((p) =>
    p.outcome === "changed" ? [{ member: p.member, change: p.change }] : [],
  );
  const envelopes = await createMembers(hands, created);
  const changes = await changeMembers(hands, changed);
  await addConsents(hands, [
    ...created.map(({ id, row }) => ({ id, consents: row.consents })),
    ...changed.map(({ member, change }) => ({ id: member.id, consents: change.consents })),
  ]);
  return [
    ...created.map(({ id, row }, at) => ({
      ...eventOf("members.import.created", { id, no: row.no }, fieldsOfRow(row)),
      change: consentChanges(row.consents),
      sensitive: sensitiveChanges({ id }, { id, ...envelopes[at] }),
    })),
    ...changed.map(({ member, change }, at) => ({
      ...eventOf("members.import.changed", member, fieldsOfChange(change)),
      change: plainChanges(member, change),
      sensitive: sensitiveChanges(member, { ...member, ...changes[at] }),
    })),
  ];
}

const memberTypes = {
  id: "uuid",
  no: "text",
  name_ct: "text",
  sex_ct: "text",
  birth_ct: "text",
  phone_ct: "text",
  email_ct: "text",
  name_bx: "bytea",
  phone_bx: "bytea",
  phone4_bx: "bytea",
  email_bx: "bytea",
  registered_at: "timestamptz",
  sessions_valid_from: "timestamptz",
  submitted_by: "text",
  submitted_at: "timestamptz",
  created_at: "timestamptz",
  updated_at: "timestamptz",
};

const consentTypes = {
  id: "uuid",
  member_id: "uuid",
  purpose: "text",
  policy_version: "text",
  granted: "bool",
  channel: "text",
  at: "timestamptz",
};

async function createMembers(
  hands: Hands,
  people: readonly { id: string; row: MemberRow }[],
): Promise<SealedColumns[]> {
  if (people.length === 0) return [];
  const { tx, vault, tokens, person, now } = hands;
  const columns = await sealNew(
    tx,
    vault,
    tokens,
    people.map(({ id, row }) => ({ id, data: row.data })),
  );
  const rows = people.flatMap(({ id, row }, at) => {
    const sealed = columns[at];
    return sealed === undefined
      ? []
      : [{ id, no: row.no, ...sealed, ...stamps(person, now), registered_at: row.registeredAt }];
  });
  await insertRows("members.member", memberTypes, rows).execute(tx);
  return columns;
}

/** As an edit does: changed data is submitted for review, a new phone or mail has to be verified again. */
async function changeMembers(
  { tx, vault, tokens, person, now }: Hands,
  changed: readonly { member: StoredMember; change: Change }[],
): Promise<Partial<SealedColumns>[]> {
  const columns = await sealAll(
    tx,
    vault,
    tokens,
    changed.map(({ member, change }) => ({ id: member.id, data: change.data })),
  );
  await Promise.all(
    changed.map(async ({ member, change }, at) => {
      await tx
        .updateTable("members.member")
        .set({
          ...columns[at],
          ...(Object.keys(change.data).length === 0 ? {} : resubmitted(member, person, now)),
          ...(change.data.phone === undefined ? {} : { phone_verified_at: null }),
          ...(change.data.email === undefined ? {} : { email_verified_at: null }),
          ...(change.registeredAt === null ? {} : { registered_at: change.registeredAt }),
          updated_at: now,
          version: member.version + 1,
        })
        .where("id", "=", member.id)
        .execute();
    }),
  );
  return columns;
}

async function addConsents(
  { tx, now, newId }: Hands,
  said: readonly { id: string; consents: MemberRow["consents"] }[],
): Promise<void> {
  const rows = said.flatMap(({ id, consents }) => consentRows(id, consents, "import", now, newId));
  if (rows.length > 0) await insertRows("members.consent", consentTypes, rows).execute(tx);
}

function fieldsOfRow(row: MemberRow): string[] {
  return personalFields.filter((field) => row.data[field] !== null);
}

function fieldsOfChange(change: Change): string[] {
  return [
    ...personalFields.filter((field) => change.data[field] !== undefined),
    ...(change.registeredAt === null ? [] : ["registered_at"]),
    ...change.consents.map((consent) => `consent.${consent.purpose}`),
  ];
}

/** The fields that are no personal data, as an edit and a recorded consent would say them. */
function plainChanges(member: StoredMember, change: Change): PlainChange[] {
  const resubmits = Object.keys(change.data).length > 0 && member.review_state !== "submitted";
  const registeredAt = change.registeredAt?.toISOString();
  return [
    ...(registeredAt === undefined
      ? []
      : [{ field: "registered_at", before: member.registered_at.toISOString(), after: registeredAt }]),
    ...(resubmits ? [{ field: "review_state", before: member.review_state, after: "submitted" }] : []),
    ...consentChanges(change.consents, change.before),
  ];
}

function consentChanges(
  consents: readonly Consent[],
  before?: ReadonlyMap<ConsentPurpose, Consent>,
): PlainChange[] {
  return consents.map(({ purpose, granted }) => ({
    field: `consent.${purpose}`,
    before: before?.get(purpose)?.granted ?? null,
    after: granted,
  }));
}

type PlainChange = Extract<LoggedChange, { before: unknown }>;

/** Old and new of each personal field that an event changed. */
function sensitiveChanges(
  before: { id: string } & Partial<SealedColumns>,
  after: { id: string } & Partial<SealedColumns>,
): SensitiveChange[] {
  return personalFields.flatMap((field) => {
    const change = { field, before: cellOf(before, field), after: cellOf(after, field) };
    return change.before.envelope === change.after.envelope ? [] : [change];
  });
}

function eventOf(action: string, { id, no }: { id: string; no: string }, fields: string[]): FurtherEvent {
  return {
    action,
    crud: action.endsWith("created") ? "c" : "u",
    category: "members",
    severity: 0,
    target: [{ type: "member", id, label: no }],
    fields,
  };
}
