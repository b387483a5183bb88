import { Refusal } from "../../door/refusal.ts";
import type { Page } from "../../platform/http/page.ts";
import { get, post, type Route } from "../../platform/module.ts";
import { MemberPage } from "../../../views/members/detail.tsx";
import { EditPage } from "../../../views/members/edit.tsx";
import { MembersPage, SearchPage } from "../../../views/members/list.tsx";
import { RegisterPage } from "../../../views/members/register.tsx";
import { choices } from "./choices.ts";
import { recordConsent } from "./consents.ts";
import { edit } from "./edit.ts";
import { list } from "./list.ts";
import { view } from "./queries.ts";
import { register } from "./register.ts";
import { found, search } from "./search.ts";

/** A member's address; anything that is no id is an address of nothing. */
export const MEMBER = "/members/:member{[0-9a-f-]{36}}";

/** The list, the search, registration, one member and changes of it. */
export const memberRoutes: readonly Route[] = [
  get("/members", list, async (page) => {
    const { tier, status, review, after, before } = page.query;
    const filters = given({ tier, status, review });
    const found = await page.ask(list, { ...filters, page: given({ after, before }) });
    return page.html(<MembersPage v={page.v} choices={choices} filters={filters} list={found} />);
  }),

  get("/members/search", search, async (page) => {
    const made = page.query["found"];
    if (made === undefined) return page.html(<SearchPage v={page.v} choices={choices} />);
    try {
      const { by, ...results } = await page.ask(found, { search: made });
      return page.html(<SearchPage v={page.v} choices={choices} by={by} found={results} />);
    } catch (error) {
      if (!(error instanceof Refusal) || error.kind !== "invalid") throw error;
      // too long ago or somebody else's: the form, to search once more
      const errors = [{ message: page.t("members.search.over") }];
      return page.html(<SearchPage v={page.v} choices={choices} errors={errors} />, 422);
    }
  }),

  // posted: what is searched for stands in no address, no log and no history; the address of what was found has it sealed
  post("/members/search", search, async (page) => {
    const form = await page.form();
    const by = form.get("by");
    return await page.submit(search, form.values, {
      done: ({ again }) => page.redirect(`/members/search?${new URLSearchParams({ found: again })}`),
      again: ({ errors }) => <SearchPage v={page.v} choices={choices} by={by} errors={errors} />,
    });
  }),

  get("/members/new", register, (page) => page.html(<RegisterPage v={page.v} choices={choices} />)),

  post("/members", register, async (page) => {
    const form = await page.form();
    const input = { ...form.values, consents: form.all("consents") };
    return await page.submit(register, input, {
      done: ({ member }) => page.redirect(`/members/${member}`, "members.notice.registered"),
      again: ({ errors, values }) => (
        <RegisterPage v={page.v} choices={choices} errors={errors} values={values} />
      ),
    });
  }),

  get(MEMBER, view, async (page) =>
    page.html(<MemberPage v={page.v} choices={choices} view={await memberOf(page)} />),
  ),

  get(`${MEMBER}/edit`, edit, async (page) =>
    page.html(<EditPage v={page.v} choices={choices} view={await memberOf(page)} />),
  ),

  post(`${MEMBER}/edit`, edit, async (page) => {
    const form = await page.form();
    const input = { ...form.values, ...versioned(page, form.get("version")), clear: form.all("clear") };
    return await page.submit(edit, input, {
      done: ({ changed }) =>
        page.redirect(
          `/members/${page.param("member")}`,
          changed.length > 0 ? "members.notice.saved" : "members.notice.unchanged",
        ),
      again: async ({ kind, errors, values }) => (
        <EditPage
          v={page.v}
          choices={choices}
          view={await memberOf(page)}
          values={values}
          errors={errors}
          conflict={kind === "conflict"}
        />
      ),
    });
  }),

  post(`${MEMBER}/consents`, recordConsent, async (page) => {
    const form = await page.form();
    const member = page.param("member");
    const input = {
      member,
      purpose: form.get("purpose"),
      channel: form.get("channel"),
      granted: form.get("granted") === "yes",
    };
    await page.execute(recordConsent, input);
    return page.redirect(`/members/${member}`, "members.notice.consent");
  }),
];

/** The member that the address names. */
export async function memberOf(page: Page) {
  return await page.ask(view, { member: page.param("member") });
}

/** Member and version, as every command on one member takes them. */
export function versioned(page: Page, version: string): { member: string; version: number } {
  return { member: page.param("member"), version: Number(version) };
}

/** Only what was given: an empty filter is no filter. */
export function given<K extends string>(values: Record<K, string | undefined>): Partial<Record<K, string>> {
  const entries = Object.entries<string | undefined>(values).filter(
    ([, value]) => value !== undefined && value !== "",
  );
  // the keys are some of those that came in, and none of the values is undefined any more
  return Object.fromEntries(entries) as Partial<Record<K, string>>;
}
