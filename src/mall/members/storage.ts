import { Refusal } from "../../door/refusal.ts";
import type { Tx } from "../../door/tables.ts";
import { sqlState } from "../../door/transaction.ts";
import type { SealedCell, Tokenise, Vault } from "../../platform/vault/index.ts";
import { fieldRules, indexes, type PersonalData, type PersonalField, personalFields } from "./fields.ts";

export const TABLE = "members.member";

/** Rows for which the truncated indexes are planned. In a much larger mall a search meets more strangers, and goes on. */
const PLANNED_ROWS = 100_000;

/** The personal columns of a row, as stored. */
export interface SealedColumns {
  name_ct: string;
  sex_ct: string | null;
  birth_ct: string | null;
  phone_ct: string | null;
  email_ct: string | null;
}

interface IndexColumns {
  name_bx: Buffer | null;
  phone_bx: Buffer | null;
  phone4_bx: Buffer | null;
  email_bx: Buffer | null;
}

export const sealedColumns = ["name_ct", "sex_ct", "birth_ct", "phone_ct", "email_ct"] as const;

/** A stored field with its place, for the vault. */
export function cellOf(row: { id: string } & Partial<SealedColumns>, field: PersonalField): SealedCell {
  const { column, type } = fieldRules[field];
  return {
    subject: row.id,
    table: TABLE,
    column,
    rowId: row.id,
    type,
    envelope: row[column] ?? null,
  };
}

/** Refuses `frozen` for a member whose data is restricted and `not-found` for one whose data was erased, before anything is used up. */
export async function refuseClosed(tx: Tx, vault: Vault, row: { id: string } & SealedColumns): Promise<void> {
  // everybody has a name
  const [mask] = await vault.mask(tx, [cellOf(row, "name")]);
  if (mask?.state === "sealed") throw new Refusal("frozen", "vault_key_restricted");
  if (mask?.state === "shredded") throw new Refusal("not-found", "vault_key_shredded");
}

export type Tokens = Record<keyof typeof indexes, Tokenise>;

/** The blind indexes of this module; the first command that needs them writes their definitions down. */
export async function tokensOf(tx: Tx, vault: Vault): Promise<Tokens> {
  const declared = await vault.indexDefinitions(tx);
  if (!declared.some((index) => index.table === TABLE)) {
    await vault.declareIndexes(
      tx,
      Object.values(indexes).map((index) => ({ ...index, rows: PLANNED_ROWS })),
    );
  }
  const index = await vault.indexes(tx);
  return {
    phone: index(indexes.phone),
    email: index(indexes.email),
    name: index(indexes.name),
    phone4: index(indexes.phone4),
  };
}

type Columns = Partial<SealedColumns & IndexColumns>;

export interface Person {
  id: string;
  /** Only the fields to be written; null empties one. */
  data: Partial<PersonalData>;
}

/** Seals what is given of each person: their envelopes and index values, in the order of the people. */
export async function sealAll(
  tx: Tx,
  vault: Vault,
  tokens: Tokens,
  people: readonly Person[],
): Promise<Columns[]> {
  const wanted = people.flatMap(({ id, data }, person) =>
    personalFields.flatMap((field) => {
      const plain = data[field];
      return plain === undefined || plain === null ? [] : [{ id, person, field, plain }];
    }),
  );
  const envelopes = await vault.protectAll(
    tx,
    wanted.map(({ id, field, plain }) => {
      const { envelope: _, ...place } = cellOf({ id }, field);
      return { ...place, purpose: "profile", plain };
    }),
  );
  const columns = people.map(({ data }): Columns => ({ ...emptied(data), ...indexColumns(tokens, data) }));
  for (const [at, { person, field }] of wanted.entries()) {
    Object.assign(columns[person] ?? {}, { [fieldRules[field].column]: envelopes[at] });
  }
  return columns;
}

/** As `sealAll`, for a whole new person. */
export async function sealNew(
  tx: Tx,
  vault: Vault,
  tokens: Tokens,
  people: readonly { id: string; data: PersonalData }[],
): Promise<(SealedColumns & IndexColumns)[]> {
  // every field is present, so every column is; a name is never empty, which the column's NOT NULL holds as well
  return (await sealAll(tx, vault, tokens, people)) as (SealedColumns & IndexColumns)[];
}

/** A name is never emptied: no command offers it, and the column is NOT NULL. */
function emptied(
  data: Partial<PersonalData>,
): Partial<Record<Exclude<keyof SealedColumns, "name_ct">, null>> {
  const empty = personalFields.filter((field) => data[field] === null);
  return Object.fromEntries(empty.map((field) => [fieldRules[field].column, null]));
}

function indexColumns(tokens: Tokens, data: Partial<PersonalData>): Partial<IndexColumns> {
  const of = (token: Tokenise, value: string | null) => (value === null ? null : token(value));
  return {
    ...(data.name === undefined ? {} : { name_bx: of(tokens.name, data.name) }),
    ...(data.phone === undefined
      ? {}
      : { phone_bx: of(tokens.phone, data.phone), phone4_bx: of(tokens.phone4, data.phone) }),
    ...(data.email === undefined ? {} : { email_bx: of(tokens.email, data.email) }),
  };
}

const taken = new Map([
  ["member_no_taken", { path: "member_no", code: "taken" }],
  ["member_phone_taken", { path: "phone", code: "taken" }],
  ["member_email_taken", { path: "email", code: "taken" }],
]);

/** Runs a write of members; a number, phone or mail that another member has is `invalid`, at its field. */
export async function refusingTaken<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const issue = sqlState(error) === "23505" ? taken.get(constraintOf(error)) : undefined;
    if (issue === undefined) throw error;
    throw new Refusal("invalid", "invalid", { issues: [issue], cause: error });
  }
}

function constraintOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("constraint" in error)) return "";
  return String(error.constraint);
}
