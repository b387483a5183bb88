import { type SelectQueryBuilder, sql } from "kysely";
import { z } from "zod";
import { query } from "../../door/command.ts";
import type { Tables, Tx } from "../../door/tables.ts";
import type { Masked, Vault } from "../../platform/vault/index.ts";
import { together } from "../../platform/together.ts";
import { PageOf, pageOf, readCursor } from "./cursor.ts";
import { reviewStates, statuses, tiers } from "./model.ts";
import { cellOf } from "./storage.ts";

export const PAGE = 50;

/** Members beyond this are "more than": counting all of them would cost more than the list itself. */
const COUNTED = 1_000;

export const listColumns = [
  "id",
  "no",
  "name_ct",
  "phone_ct",
  "email_ct",
  "tier",
  "review_state",
  "status",
  "registered_at",
  "submitted_at",
  "version",
] as const;

type StoredRow = Pick<Selected, (typeof listColumns)[number]>;
type Selected = Awaited<ReturnType<ReturnType<typeof selectRows>["executeTakeFirstOrThrow"]>>;

/** A member as lists show them: masks, never values. */
export interface ListRow extends Omit<StoredRow, "name_ct" | "phone_ct" | "email_ct"> {
  name: Masked;
  phone: Masked;
  email: Masked;
}

function selectRows(tx: Tx) {
  return tx.selectFrom("members.member").select(listColumns);
}

/** Masks stored rows: one statement for all their keys. */
export async function listRows(tx: Tx, vault: Vault, rows: readonly StoredRow[]): Promise<ListRow[]> {
  const shown = ["name", "phone", "email"] as const;
  const masks = await vault.mask(
    tx,
    rows.flatMap((row) => shown.map((field) => cellOf(row, field))),
  );
  return rows.map(({ name_ct: _, phone_ct: __, email_ct: ___, ...row }, at) => {
    const [name = none, phone = none, email = none] = masks.slice(at * shown.length, (at + 1) * shown.length);
    return { ...row, name, phone, email };
  });
}

const none: Masked = { state: "empty", text: "" };

/** Members of a list of ids, newest registration first. */
export async function rowsOf(tx: Tx, vault: Vault, ids: readonly string[]): Promise<ListRow[]> {
  const rows = await selectRows(tx)
    .where("id", "=", sql<string>`ANY(${ids}::uuid[])`)
    .orderBy("registered_at", "desc")
    .orderBy("id", "desc")
    .execute();
  return await listRows(tx, vault, rows);
}

const Filters = z.strictObject({
  tier: z.enum(tiers).optional(),
  status: z.enum(statuses).optional(),
  review: z.enum(reviewStates).optional(),
});
type Filters = z.output<typeof Filters>;

/** A page of members, newest registration first, by tier, status and review. */
export const list = query({
  name: "members.list",
  input: together(
    Filters.extend({ page: PageOf.default({}) }),
    "page.after and page.before exclude each other",
  ),
  async run({ tx, vault, input }) {
    const { page, ...filters } = input;
    const [found, counted] = await Promise.all([
      pageRows(tx, filters, page),
      filtered(tx.selectFrom("members.member"), filters)
        .select(sql`1`.as("one"))
        .limit(COUNTED + 1)
        .execute(),
    ]);
    const { rows, next, previous } = pageOf(found, PAGE, page, (row) => ({
      at: row.registered_at,
      id: row.id,
    }));
    return {
      rows: await listRows(tx, vault, rows),
      next,
      previous,
      total: Math.min(counted.length, COUNTED),
      more: counted.length > COUNTED,
    };
  },
});

async function pageRows(tx: Tx, filters: Filters, page: z.output<typeof PageOf>): Promise<StoredRow[]> {
  const rows = filtered(tx.selectFrom("members.member"), filters)
    .select(listColumns)
    .limit(PAGE + 1);
  if (page.before !== undefined) {
    const { at, id } = readCursor(page.before);
    return await rows
      .where(sql<boolean>`(registered_at, id) > (${at}, ${id})`)
      .orderBy("registered_at")
      .orderBy("id")
      .execute();
  }
  const newestFirst = rows.orderBy("registered_at", "desc").orderBy("id", "desc");
  if (page.after === undefined) return await newestFirst.execute();
  const { at, id } = readCursor(page.after);
  return await newestFirst.where(sql<boolean>`(registered_at, id) < (${at}, ${id})`).execute();
}

function filtered<O>(rows: SelectQueryBuilder<Tables, "members.member", O>, filters: Filters) {
  return rows
    .$if(filters.tier !== undefined, (r) => r.where("tier", "=", filters.tier ?? "standard"))
    .$if(filters.status !== undefined, (r) => r.where("status", "=", filters.status ?? "active"))
    .$if(filters.review !== undefined, (r) => r.where("review_state", "=", filters.review ?? "submitted"));
}

/** Members whose data waits for its review, the longest waiting first (5.1.2). */
export const reviewQueue = query({
  name: "members.review_queue",
  input: together(
    z.strictObject({ page: PageOf.default({}) }),
    "page.after and page.before exclude each other",
  ),
  async run({ tx, vault, input: { page } }) {
    const waiting = selectRows(tx)
      .where("review_state", "=", "submitted")
      .limit(PAGE + 1);
    const found = await (page.before === undefined
      ? waiting
          .orderBy("submitted_at")
          .orderBy("id")
          .$if(page.after !== undefined, (rows) => {
            const { at, id } = readCursor(page.after ?? "");
            return rows.where(sql<boolean>`(submitted_at, id) > (${at}, ${id})`);
          })
          .execute()
      : waiting
          .orderBy("submitted_at", "desc")
          .orderBy("id", "desc")
          .where(
            sql<boolean>`(submitted_at, id) < (${readCursor(page.before).at}, ${readCursor(page.before).id})`,
          )
          .execute());
    const { rows, next, previous } = pageOf(found, PAGE, page, (row) => ({
      at: row.submitted_at,
      id: row.id,
    }));
    return { rows: await listRows(tx, vault, rows), next, previous };
  },
});
