import type { Page } from "../../platform/http/page.ts";
import { readMemberNo } from "./fields.ts";
import { search } from "./search.ts";

/** A member by the number on the card, for the search above every page. Anything personal belongs in the member search. */
export async function findMember(page: Page, text: string): Promise<string | null> {
  const no = readMemberNo(text);
  if (no === null || !/\d/.test(no) || page.viewer?.permissions.has(search.name) !== true) return null;
  const { value } = await page.execute(search, { by: "member_no", text: no });
  const [only] = value.found;
  return only === undefined ? null : `/members/${only}`;
}
