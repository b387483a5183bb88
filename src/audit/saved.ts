import { z } from "zod";
import { command, query } from "../door/command.ts";
import { Id, uuidv7 } from "../door/ids.ts";
import { Refusal } from "../door/refusal.ts";
import { Filter, searchHref } from "./filter.ts";
import { savedSearches as savedSearchesParam } from "./params.ts";

const Name = z.string().trim().min(1).max(100);

/** Keeps a search under a name, for oneself. Refuses a name that is taken, and more than the policy allows. */
export const saveSearch = command({
  name: "audit.save_search",
  crud: "c",
  severity: 0,
  input: z.strictObject({ name: Name, filter: Filter }),
  async run({ tx, actor, input, params, record, now }) {
    const kept = await tx
      .selectFrom("audit.saved_search")
      .select("name")
      .where("owner", "=", actor.id)
      .execute();
    const most = params(savedSearchesParam);
    if (kept.length >= most) throw new Refusal("conflict", "too_many_searches", { values: { most } });
    const id = uuidv7(now.getTime());
    const query = searchHref(input.filter).slice("/audit".length);
    const made = await tx
      .insertInto("audit.saved_search")
      .values({ id, owner: actor.id, name: input.name, query, created_at: now })
      .onConflict((conflict) => conflict.columns(["owner", "name"]).doNothing())
      .returning("id")
      .executeTakeFirst();
    if (made === undefined) throw new Refusal("conflict", "search_name_taken");
    record.target({ type: "saved-search", id });
    return { id };
  },
});

/** Forgets one's own saved search. */
export const deleteSearch = command({
  name: "audit.delete_search",
  crud: "d",
  severity: 0,
  input: z.strictObject({ id: Id }),
  target: ({ id }) => ({ type: "saved-search", id }),
  async run({ tx, actor, input: { id } }) {
    const gone = await tx
      .deleteFrom("audit.saved_search")
      .where("id", "=", id)
      .where("owner", "=", actor.id)
      .returning("id")
      .executeTakeFirst();
    if (gone === undefined) throw new Refusal("not-found", "not_found");
    return {};
  },
});

export interface SavedSearch {
  readonly id: string;
  readonly name: string;
  readonly href: string;
}

/** One's own saved searches. */
export const savedSearches = query({
  name: "audit.saved_searches",
  input: z.strictObject({}),
  run: async ({ tx, actor }): Promise<SavedSearch[]> => {
    const rows = await tx
      .selectFrom("audit.saved_search")
      .select(["id", "name", "query"])
      .where("owner", "=", actor.id)
      .orderBy("name")
      .execute();
    return rows.map(({ id, name, query }) => ({ id, name, href: `/audit${query}` }));
  },
});
