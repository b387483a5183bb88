import { sql } from "kysely";
import type { Tx } from "../../../door/tables.ts";
import type { Vault } from "../../../platform/vault/index.ts";
import { type Consent, currentConsents, sameConsent } from "../consents.ts";
import { type PersonalData, type PersonalField, personalFields } from "../fields.ts";
import type { ConsentPurpose } from "../model.ts";
import { memberColumns } from "../record.ts";
import { cellOf, type Tokens } from "../storage.ts";
import type { MemberRow, ReadRow, RowRefusal } from "./rows.ts";

export type Phase = "check" | "run";

/** What a row is going to do, or why it does nothing. */
export type Planned = { line: number; no: string | null; phone: Buffer | null; email: Buffer | null } & (
  | { outcome: "refused"; refused: RowRefusal }
  | { outcome: "created"; row: MemberRow }
  | { outcome: "changed"; row: MemberRow; member: StoredMember; change: Change }
  | { outcome: "unchanged" }
);

export interface Change {
  data: Partial<PersonalData>;
  registeredAt: Date | null;
  consents: Consent[];
  /** What the member said until now. */
  before: ReadonlyMap<ConsentPurpose, Consent>;
}

/**
 * Says what each row would do, without doing it: the dry run and the run ask the same. A member is known by the number; an
 * empty cell says nothing and changes nothing. Refused are a number, phone or mail that an earlier row of the file or
 * another member has. In a run the rows of known members are locked, in one order.
 */
export async function planRows(
  tx: Tx,
  vault: Vault,
  tokens: Tokens,
  at: { import: string; phase: Phase },
  read: readonly ReadRow[],
): Promise<Planned[]> {
  const indexed = read.map((entry) => ({
    entry,
    phone: tokenOf(tokens.phone, entry.row?.data.phone),
    email: tokenOf(tokens.email, entry.row?.data.email),
  }));
  const known = await knownMembers(tx, read, at.phase);
  const seen = await seenBefore(tx, at, indexed);
  const owners = await ownersOf(tx, indexed);
  const closed = await closedMembers(tx, vault, known);
  const changes = await changesOf(tx, vault, read, known);

  return indexed.map(({ entry, phone, email }): Planned => {
    const base = { line: entry.line, no: entry.no, phone, email };
    if (entry.refused !== undefined) return { ...base, outcome: "refused", refused: entry.refused };
    const { row } = entry;
    const refused = closed.get(row.no) ?? refusalOf(row, phone, email, seen, owners);
    if (refused !== null) return { ...base, outcome: "refused", refused };
    seen.add(`no ${row.no}`);
    if (phone !== null) seen.add(`phone ${phone.toString("hex")}`);
    if (email !== null) seen.add(`email ${email.toString("hex")}`);
    const member = known.get(row.no);
    if (member === undefined) return { ...base, outcome: "created", row };
    const change = changes.get(row.no);
    return change === undefined
      ? { ...base, outcome: "unchanged" }
      : { ...base, outcome: "changed", row, member, change };
  });
}

interface Indexed {
  entry: ReadRow;
  phone: Buffer | null;
  email: Buffer | null;
}

function tokenOf(token: (text: string) => Buffer | null, value: string | null | undefined): Buffer | null {
  return value === null || value === undefined ? null : token(value);
}

function refusalOf(
  row: MemberRow,
  phone: Buffer | null,
  email: Buffer | null,
  seen: ReadonlySet<string>,
  owners: ReadonlyMap<string, string>,
): RowRefusal | null {
  if (seen.has(`no ${row.no}`)) return { code: "no_twice", field: "member_no" };
  for (const [field, value] of [["phone", phone] as const, ["email", email] as const]) {
    if (value === null) continue;
    const name = `${field} ${value.toString("hex")}`;
    if (seen.has(name)) return { code: `${field}_twice`, field };
    if ((owners.get(name) ?? row.no) !== row.no) return { code: `${field}_taken`, field };
  }
  return null;
}

export type StoredMember = Awaited<ReturnType<typeof selectKnown>>[number];

async function selectKnown(tx: Tx, numbers: readonly string[], phase: Phase) {
  const rows = tx
    .selectFrom("members.member")
    .select([...memberColumns, "registered_at"])
    .where("no", "=", sql<string>`ANY(${numbers}::text[])`)
    .orderBy("id");
  return await (phase === "run" ? rows.forUpdate() : rows).execute();
}

async function knownMembers(
  tx: Tx,
  read: readonly ReadRow[],
  phase: Phase,
): Promise<Map<string, StoredMember>> {
  const numbers = read.flatMap(({ row }) => (row === undefined ? [] : [row.no]));
  if (numbers.length === 0) return new Map();
  return new Map((await selectKnown(tx, numbers, phase)).map((member) => [member.no, member]));
}

/** Members whose data is only stored (PIPL art. 47) or gone: no row of a file changes anything of theirs. */
async function closedMembers(
  tx: Tx,
  vault: Vault,
  known: ReadonlyMap<string, StoredMember>,
): Promise<Map<string, RowRefusal>> {
  const members = [...known.values()];
  if (members.length === 0) return new Map();
  // everybody has a name
  const masks = await vault.mask(
    tx,
    members.map((member) => cellOf(member, "name")),
  );
  return new Map(
    members.flatMap(({ no }, at): [string, RowRefusal][] => {
      const state = masks[at]?.state;
      if (state === "open") return [];
      return [[no, { code: state === "shredded" ? "erased" : "restricted", field: "member_no" }]];
    }),
  );
}

/** Numbers, phones and mails of earlier rows of this file and phase that were not refused. */
async function seenBefore(
  tx: Tx,
  at: { import: string; phase: Phase },
  indexed: readonly Indexed[],
): Promise<Set<string>> {
  const numbers = indexed.flatMap(({ entry }) => (entry.row === undefined ? [] : [entry.row.no]));
  const earlier = sql`import_id = ${at.import} AND phase = ${at.phase} AND outcome <> 'refused'`;
  const { rows } = await sql<{ name: string }>`
    SELECT 'no ' || member_no AS name
      FROM unnest(${numbers}::text[]) AS wanted (member_no) JOIN members.import_row USING (member_no) WHERE ${earlier}
    UNION ALL
    SELECT kind || ' ' || encode(token, 'hex')
      FROM (SELECT 'phone', unnest(${given(indexed, "phone")}::bytea[])
            UNION ALL SELECT 'email', unnest(${given(indexed, "email")}::bytea[])) AS wanted (kind, token)
      JOIN members.import_token USING (kind, token)
      WHERE import_id = ${at.import} AND phase = ${at.phase}`.execute(tx);
  return new Set(rows.map(({ name }) => name));
}

/** Which member has each phone and mail now. */
async function ownersOf(tx: Tx, indexed: readonly Indexed[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ name: string; no: string }>`
    SELECT 'phone ' || encode(phone_bx, 'hex') AS name, no
      FROM unnest(${given(indexed, "phone")}::bytea[]) AS wanted (phone_bx) JOIN members.member USING (phone_bx)
    UNION ALL
    SELECT 'email ' || encode(email_bx, 'hex'), no
      FROM unnest(${given(indexed, "email")}::bytea[]) AS wanted (email_bx) JOIN members.member USING (email_bx)`.execute(
    tx,
  );
  return new Map(rows.map(({ name, no }) => [name, no]));
}

function given(indexed: readonly Indexed[], field: "phone" | "email"): Buffer[] {
  return indexed.flatMap((one) => one[field] ?? []);
}

/** What each row would change of the member it names; members that it would leave as they are are missing. */
async function changesOf(
  tx: Tx,
  vault: Vault,
  read: readonly ReadRow[],
  known: ReadonlyMap<string, StoredMember>,
): Promise<Map<string, Change>> {
  const rows = read.flatMap(({ row }) => {
    const member = row === undefined ? undefined : known.get(row.no);
    return row === undefined || member === undefined ? [] : [{ row, member }];
  });
  if (rows.length === 0) return new Map();
  const asked = rows.flatMap(({ row, member }) =>
    personalFields.flatMap((field) => {
      const value = row.data[field];
      return value === null ? [] : [{ no: row.no, field, value, cell: cellOf(member, field) }];
    }),
  );
  const same = await vault.same(tx, asked);
  const data = new Map<string, Partial<Record<PersonalField, string>>>();
  for (const [at, { no, field, value }] of asked.entries()) {
    if (same[at] !== true) data.set(no, { ...data.get(no), [field]: value });
  }
  const consents = await currentConsents(
    tx,
    rows.map(({ member }) => member.id),
  );
  const changes = rows.flatMap(({ row, member }): [string, Change][] => {
    const said = consents.get(member.id);
    const news = row.consents.filter((consent) => {
      const current = said?.get(consent.purpose);
      return current === undefined || !sameConsent(current, consent);
    });
    const moved = row.registeredAt.getTime() !== member.registered_at.getTime();
    const fields = data.get(row.no);
    if (fields === undefined && !moved && news.length === 0) return [];
    const change = { data: fields ?? {}, registeredAt: moved ? row.registeredAt : null, consents: news };
    return [[row.no, { ...change, before: said ?? new Map() }]];
  });
  return new Map(changes);
}
