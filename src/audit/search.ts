import { z } from "zod";
import { query } from "../door/command.ts";
import type { Tx } from "../door/tables.ts";
import { Filter, filterFacts, searchHref } from "./filter.ts";
import { type Window, selectEntries } from "./select.ts";
import type { Entry } from "./entry.ts";
import { together } from "../platform/together.ts";

const PAGE = 50;

/** Which page: the newest, older than an index, or newer than one. */
export const PageOf = z
  .strictObject({ before: z.coerce.number().int().min(0), after: z.coerce.number().int().min(0) })
  .partial();

/** A page of events and the indexes that its neighbours begin at. */
export interface EntryPage {
  readonly entries: readonly Entry[];
  /** For the older neighbour. */
  readonly before: number | undefined;
  /** For the newer neighbour. */
  readonly after: number | undefined;
}

/** One page of a filter, newest first. */
export async function pageOfEntries(
  tx: Tx,
  filter: Filter,
  zone: string,
  { before, after }: z.output<typeof PageOf>,
): Promise<EntryPage> {
  const window: Window = { before, after, limit: PAGE + 1 };
  const found = await selectEntries(tx, filter, zone, window);
  const more = found.length > PAGE;
  // One row more than a page tells that there is more; it stands on the far side of the direction of reading.
  const entries = more ? (after === undefined ? found.slice(0, PAGE) : found.slice(1)) : found;
  const hasOlder = after !== undefined || more;
  const hasNewer = after !== undefined ? more : before !== undefined;
  return {
    entries,
    before: hasOlder ? entries.at(-1)?.idx : undefined,
    after: hasNewer ? entries[0]?.idx : undefined,
  };
}

/** The explorer: events by any filters, exact at any depth. */
export const search = query({
  name: "audit.search",
  input: together(
    z.strictObject({ filter: Filter.default({}), page: PageOf.default({}) }),
    "filter.from is no later than filter.to",
  ),
  run: async ({ tx, mallTimeZone, input }) => await pageOfEntries(tx, input.filter, mallTimeZone, input.page),
  logged: ({ filter }, { entries }) => ({
    target: [],
    facts: { ...filterFacts(filter), shown: entries.length },
  }),
});

/**
 * Where the one box leads: the event of an id or index, or the search that the text most likely means. Undefined for
 * text that is none of our ids; it is not searched for, because it may be somebody's name or number.
 */
export async function find(tx: Tx, text: string): Promise<string | undefined> {
  const word = text.trim();
  if (/^#?\d{1,10}$/.test(word)) return `/audit/events/${Number(word.replace("#", ""))}`;
  if (z.uuid().safeParse(word).success) return await findId(tx, word.toLowerCase());
  if (z.union([z.ipv4(), z.ipv6()]).safeParse(word).success) return searchHref({ ip: word });
  const action = Filter.shape.action.safeParse(word);
  if (action.success && word.includes(".")) return searchHref({ action: word });
  return undefined;
}

async function findId(tx: Tx, id: string): Promise<string> {
  const event = await tx
    .selectFrom("audit.log")
    .select("idx")
    .where("id", "=", id)
    .limit(1)
    .executeTakeFirst();
  if (event !== undefined) return `/audit/events/${event.idx}`;
  const actor = await tx
    .selectFrom("audit.log")
    .select("actor_type")
    .where("actor_id", "=", id)
    .limit(1)
    .executeTakeFirst();
  if (actor !== undefined) return `/audit/person/${id}`;
  const target = await tx
    .selectFrom("audit.log_target")
    .select("target_type")
    .where("target_id", "=", id)
    .limit(1)
    .executeTakeFirst();
  if (target !== undefined) return `/audit/object/${target.target_type}/${id}`;
  return searchHref({ request: id });
}

/** The one box. The text travels in a form, never in an address. */
export const findOne = query({
  name: "audit.find",
  input: z.strictObject({ text: z.string().max(200) }),
  run: async ({ tx, input }) => ({ href: await find(tx, input.text) }),
});
