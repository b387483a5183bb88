import { sql } from "kysely";
import { z } from "zod";
import { command, type RunContext } from "../../door/command.ts";
import { normaliseMail, normalisePhone, type Transform } from "../../platform/vault/index.ts";
import { minuteWindow, spend } from "./budget.ts";
import type { Cursor } from "./cursor.ts";
import { MemberNo, type PersonalField } from "./fields.ts";
import { searchesPerMinute } from "./params.ts";
import { openSearch, sealSearch, type Unfinished } from "./search-on.ts";
import { cellOf, tokensOf } from "./storage.ts";

export const searchKinds = ["phone", "email", "name", "last_four", "member_no"] as const;
export type SearchKind = (typeof searchKinds)[number];

/** Rows that one search looks through. A truncated index that meets more is gone on with, a search at a time. */
const CANDIDATES = 500;

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

type Context = RunContext<z.output<typeof Input>>;

interface Found {
  by: SearchKind;
  found: string[];
  /** There are candidates that were not looked at: sent back as `text` by `rest`, this goes on with them. */
  rest: string | null;
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
  async run(context): Promise<Found> {
    const { tx, vault, actor, input, params, record, now } = context;
    await spend(tx, actor.id, minuteWindow(now), params(searchesPerMinute));
    const answer =
      input.by === "member_no"
        ? await byNumber(context, input.text)
        : await byIndex(
            context,
            input.by === "rest"
              ? await openSearch(tx, vault, actor.id, input.text)
              : { ...input, after: null },
          );
    record.fact("by", answer.by);
    record.fact("found", answer.found.length);
    if (answer.rest !== null) record.fact("more", true);
    return answer;
  },
});

async function byNumber({ tx }: Context, no: string): Promise<Found> {
  const rows = await tx.selectFrom("members.member").select("id").where("no", "=", no).execute();
  return { by: "member_no", found: rows.map((row) => row.id), rest: null };
}

async function byIndex(
  { tx, vault, actor }: Context,
  { by, text: sought, after }: Omit<Unfinished, "after"> & { after: Cursor | null },
): Promise<Found> {
  const { index, column, field, transform } = ways[by];
  const token = (await tokensOf(tx, vault))[index](sought);
  if (token === null) return { by, found: [], rest: null };
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
    by,
    found: candidates.flatMap((row, at) => (matches[at] === true ? [row.id] : [])),
    rest:
      last === undefined
        ? null
        : await sealSearch(tx, vault, actor.id, {
            by,
            text: sought,
            after: { at: last.registered_at, id: last.id },
          }),
  };
}

type IndexColumn = "phone_bx" | "email_bx" | "name_bx" | "phone4_bx";
type Way = {
  index: "phone" | "email" | "name" | "phone4";
  column: IndexColumn;
  field: PersonalField;
  transform: Transform;
};

const ways: Record<Unfinished["by"], Way> = {
  phone: { index: "phone", column: "phone_bx", field: "phone", transform: "phone" },
  email: { index: "email", column: "email_bx", field: "email", transform: "mail" },
  name: { index: "name", column: "name_bx", field: "name", transform: "name" },
  last_four: { index: "phone4", column: "phone4_bx", field: "phone", transform: "phone-last-four" },
};
