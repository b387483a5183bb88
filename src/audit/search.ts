import { z } from "zod";
import { query } from "../door/command.ts";
import { Id } from "../door/ids.ts";
import type { Tx } from "../door/tables.ts";
import { Filter, filterFacts, filterRules, searchHref } from "./filter.ts";
import { actionCalled, hasActed, isKnownAction, memberOf, personOf, typeOf } from "./resolve.ts";
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
  input: together(z.strictObject({ filter: Filter.default({}), page: PageOf.default({}) }), ...filterRules),
  run: async ({ tx, mallTimeZone, input }) => await pageOfEntries(tx, input.filter, mallTimeZone, input.page),
  logged: ({ filter }, { entries }) => ({
    target: [],
    facts: { ...filterFacts(filter), shown: entries.length },
  }),
});

/**
 * Where the one box leads: the event of an id or index, the history of whom or what the text names, or the search that
 * it means. Undefined for text that names nothing: it is not searched for, because it may be somebody's name or number,
 * and because a list without events would be an answer.
 */
async function find(tx: Tx, text: string): Promise<string | undefined> {
  const word = text.trim();
  if (/^#?\d{1,10}$/.test(word)) return `/audit/events/${Number(word.replace("#", ""))}`;
  if (Id.safeParse(word).success) return await findId(tx, word.toLowerCase());
  if (z.union([z.ipv4(), z.ipv6()]).safeParse(word).success) return searchHref({ ip: word });
  const called = await actionCalled(tx, word);
  if (called !== undefined) return searchHref({ action: called });
  return Filter.shape.target.safeParse(word).success ? await findWord(tx, word) : undefined;
}

async function findId(tx: Tx, id: string): Promise<string | undefined> {
  const event = await tx
    .selectFrom("audit.log")
    .select("idx")
    .where("id", "=", id)
    .limit(1)
    .executeTakeFirst();
  if (event !== undefined) return `/audit/events/${event.idx}`;
  if (await hasActed(tx, id)) return `/audit/person/${id}`;
  const type = await typeOf(tx, id);
  if (type !== undefined) return `/audit/object/${type}/${id}`;
  const request = await tx
    .selectFrom("audit.log")
    .select("idx")
    .where("request", "=", id)
    .limit(1)
    .executeTakeFirst();
  return request === undefined ? undefined : searchHref({ request: id });
}

/** What people call things by: a login, a member's number, an action's own name, the word that an object has for an id. */
async function findWord(tx: Tx, word: string): Promise<string | undefined> {
  const person = await personOf(tx, word);
  if (person !== undefined) return `/audit/person/${person}`;
  const member = await memberOf(tx, word);
  if (member !== undefined) return `/audit/object/member/${member}`;
  if (await isKnownAction(tx, word)) return searchHref({ action: word });
  const type = await typeOf(tx, word);
  if (type !== undefined) return `/audit/object/${encodeURIComponent(type)}/${encodeURIComponent(word)}`;
  return (await hasActed(tx, word)) ? searchHref({ actor: word }) : undefined;
}

/** The one box. The text travels in a form, never in an address. */
export const findOne = query({
  name: "audit.find",
  input: z.strictObject({ text: z.string().max(200) }),
  run: async ({ tx, input }) => ({ href: await find(tx, input.text) }),
});
