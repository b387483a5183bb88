import { z } from "zod";
import { command } from "../../door/command.ts";
import { normaliseMail, normalisePhone, type Transform } from "../../platform/vault/index.ts";
import { minuteWindow, spend } from "./budget.ts";
import { MemberNo, type PersonalField } from "./fields.ts";
import { searchesPerMinute } from "./params.ts";
import { cellOf, tokensOf } from "./storage.ts";

export const searchKinds = ["phone", "email", "name", "last_four", "member_no"] as const;
export type SearchKind = (typeof searchKinds)[number];

/** A search that meets more rows than this by chance is told to be more exact. */
const CANDIDATES = 500;

const text = (code: string, accepts: (value: string) => boolean) =>
  z.string().trim().max(300).refine(accepts, { params: { code } });

/**
 * Finds members by an exact phone, mail, name or number, or by the last four digits (5.1.4). A command and not a query,
 * because it counts against the person's searches of this minute; it changes nothing else. The log says how somebody
 * searched and how many were found, never what for. Only ids come
 * back: the same form sent again gives the first answer, which is kept sealed.
 */
export const search = command({
  name: "members.search",
  crud: "r",
  input: z.discriminatedUnion("by", [
    z.strictObject({ by: z.literal("phone"), text: text("phone", (t) => normalisePhone(t) !== null) }),
    z.strictObject({ by: z.literal("email"), text: text("email", (t) => normaliseMail(t) !== null) }),
    z.strictObject({ by: z.literal("name"), text: text("required", (t) => t !== "") }),
    z.strictObject({ by: z.literal("last_four"), text: text("last_four", (t) => /^\d{4}$/.test(t)) }),
    z.strictObject({ by: z.literal("member_no"), text: MemberNo }),
  ]),
  async run({ tx, vault, actor, input, params, record, now }): Promise<{ found: string[]; cut: boolean }> {
    await spend(tx, actor.id, minuteWindow(now), params(searchesPerMinute));
    const found = await find();
    record.fact("by", input.by);
    record.fact("found", found.length);
    return { found: found.map((row) => row.id), cut: found.length >= CANDIDATES };

    async function find() {
      const rows = tx
        .selectFrom("members.member")
        .select(["id", "name_ct", "phone_ct", "email_ct"])
        .orderBy("registered_at", "desc");
      if (input.by === "member_no") return await rows.where("no", "=", input.text).execute();
      const { index, column, field, transform } = ways[input.by];
      const token = (await tokensOf(tx, vault))[index](input.text);
      if (token === null) return [];
      const candidates = await rows.where(column, "=", token).limit(CANDIDATES).execute();
      // a truncated index finds strangers too; the vault sorts them out without opening anything
      const cells = candidates.map((row) => cellOf(row, field));
      const matches = await vault.match(tx, cells, transform, input.text);
      return candidates.filter((_, at) => matches[at] === true);
    }
  },
});

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
