import { sql } from "kysely";
import type { Tx } from "../../door/tables.ts";
import type { Transform, Vault } from "../../platform/vault/index.ts";
import type { Cursor } from "./cursor.ts";
import type { PersonalField } from "./fields.ts";
import type { SearchKind, Sought } from "./search-on.ts";
import { cellOf, tokensOf } from "./storage.ts";

/** Rows that one search looks through. A truncated index that meets more is gone on with, a search at a time. */
const CANDIDATES = 500;

/** Who is found, and after which candidate there are more that were not looked at. */
export interface LookedUp {
  ids: string[];
  next: Cursor | null;
}

/** Looks the members up without opening anything. */
export async function lookUp(tx: Tx, vault: Vault, { by, text: sought, after }: Sought): Promise<LookedUp> {
  if (by === "member_no") {
    const rows = await tx.selectFrom("members.member").select("id").where("no", "=", sought).execute();
    return { ids: rows.map((row) => row.id), next: null };
  }
  const { index, column, field, transform } = ways[by];
  const token = (await tokensOf(tx, vault))[index](sought);
  if (token === null) return { ids: [], next: null };
  const met = await tx
    .selectFrom("members.member")
    .select(["id", "name_ct", "phone_ct", "email_ct", "registered_at"])
    .where(column, "=", token)
    .$if(after !== null, (rows) =>
      rows.where(sql<boolean>`(registered_at, id) < (${after?.at ?? null}, ${after?.id ?? null})`),
    )
    .orderBy("registered_at", "desc")
    .orderBy("id", "desc")
    .limit(CANDIDATES + 1)
    .execute();
  const candidates = met.slice(0, CANDIDATES);
  // a truncated index finds strangers too; the vault sorts them out without opening anything
  const cells = candidates.map((row) => cellOf(row, field));
  const matches = await vault.match(tx, cells, transform, sought);
  const last = met.length > CANDIDATES ? candidates.at(-1) : undefined;
  return {
    ids: candidates.flatMap((row, at) => (matches[at] === true ? [row.id] : [])),
    next: last === undefined ? null : { at: last.registered_at, id: last.id },
  };
}

type IndexColumn = "phone_bx" | "email_bx" | "name_bx" | "phone4_bx";
type Way = {
  index: "phone" | "email" | "name" | "phone4";
  column: IndexColumn;
  field: PersonalField;
  transform: Transform;
};

const ways: Record<Exclude<SearchKind, "member_no">, Way> = {
  phone: { index: "phone", column: "phone_bx", field: "phone", transform: "phone" },
  email: { index: "email", column: "email_bx", field: "email", transform: "mail" },
  name: { index: "name", column: "name_bx", field: "name", transform: "name" },
  last_four: { index: "phone4", column: "phone4_bx", field: "phone", transform: "phone-last-four" },
};
