import { z } from "zod";
import { command, query } from "../../door/command.ts";
import { normaliseMail, normalisePhone } from "../../platform/vault/index.ts";
import { minuteWindow, spend } from "./budget.ts";
import { MemberNo } from "./fields.ts";
import { rowsOf } from "./list.ts";
import { lookUp } from "./look-up.ts";
import { revealMinutes, searchesPerMinute } from "./params.ts";
import { openSearch, refuseSearch, type SearchKind, sealSearch, type Sought } from "./search-on.ts";

const text = (code: string, accepts: (value: string) => boolean) =>
  z.string().trim().max(300).refine(accepts, { params: { code } });

const Input = z.discriminatedUnion("by", [
  z.strictObject({ by: z.literal("phone"), text: text("phone", (t) => normalisePhone(t) !== null) }),
  z.strictObject({ by: z.literal("email"), text: text("email", (t) => normaliseMail(t) !== null) }),
  z.strictObject({ by: z.literal("name"), text: text("required", (t) => t !== "") }),
  z.strictObject({ by: z.literal("last_four"), text: text("last_four", (t) => /^\d{4}$/.test(t)) }),
  z.strictObject({ by: z.literal("member_no"), text: MemberNo }),
  // the sealed rest of an earlier search
  z.strictObject({ by: z.literal("rest"), text: z.string().max(4_000) }),
]);

interface Found {
  by: SearchKind;
  found: string[];
  /** There are candidates that were not looked at: sent back as `text` by `rest`, this goes on with them. */
  rest: string | null;
  /** Asks for what was found again, for a while, without being another search. */
  again: string;
}

/**
 * Finds members by an exact phone, mail, name or number, or by the last four digits (5.1.4). A command and not a query,
 * because it counts against the person's searches of this minute; it changes nothing else. The log says how somebody
 * searched and how many were found, never what for. Only ids come back: the same form sent again gives the first answer,
 * which is kept sealed. Whoever is not found among the first candidates is not said to be missing: `rest` goes on.
 */
export const search = command({
  name: "members.search",
  crud: "r",
  input: Input,
  async run({ tx, vault, actor, input, params, record, now }): Promise<Found> {
    await spend(tx, actor.id, minuteWindow(now), params(searchesPerMinute));
    const sought: Sought = input.by === "rest" ? await goneOn(input.text) : { ...input, after: null };
    const { ids, next } = await lookUp(tx, vault, sought);
    record.fact("by", sought.by);
    record.fact("found", ids.length);
    if (next !== null) record.fact("more", true);
    const until = new Date(now.getTime() + params(revealMinutes) * 60_000);
    const again = await sealSearch(tx, vault, actor.id, { ...sought, next, until });
    return { by: sought.by, found: ids, rest: next === null ? null : again, again };

    async function goneOn(sealed: string): Promise<Sought> {
      const { by, text, next: after } = await openSearch(tx, vault, actor.id, sealed);
      return after === null ? refuseSearch() : { by, text, after };
    }
  },
});

/**
 * What a search of the same person found, as the list shows it, newest registration first: for the way back to it and for a
 * reload, which are no searches and are not counted. Refuses `invalid` when it was too long ago.
 */
export const found = query({
  name: "members.found",
  input: z.strictObject({ search: z.string().max(4_000) }),
  async run({ tx, vault, actor, input, now }) {
    const made = await openSearch(tx, vault, actor.id, input.search);
    if (made.until <= now) refuseSearch();
    const { ids } = await lookUp(tx, vault, made);
    return {
      by: made.by,
      rows: await rowsOf(tx, vault, ids),
      rest: made.next === null ? null : input.search,
    };
  },
});
