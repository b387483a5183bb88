import { Refusal } from "../../door/refusal.ts";
import type { FieldError, NoticeKey, Page } from "../../platform/http/page.ts";
import { get, post, type Route } from "../../platform/module.ts";
import { ExportsPage, FetchedPage, FetchPage } from "../../../views/members/exports.tsx";
import { ExportPage, FreezePage, RestrictPage } from "../../../views/members/freeze.tsx";
import { QueuePage } from "../../../views/members/queue.tsx";
import {
  RevealedChangePage,
  RevealedPage,
  RevealPage,
  UsedLookPage,
} from "../../../views/members/reveal.tsx";
import { choices } from "./choices.ts";
import { writeCursor } from "./cursor.ts";
import { downloadExport, exportMember, myExports } from "./exports.ts";
import { reviewQueue } from "./list.ts";
import { restrict } from "./restrict.ts";
import { revealField } from "./reveal.ts";
import { revealChange } from "./reveal-change.ts";
import { review } from "./review.ts";
import { given, MEMBER, memberOf, versioned } from "./routes.tsx";
import { newPassphrase } from "./sealed-file.ts";
import { endSessions, freeze, unfreeze } from "./standing.ts";

/** What one event of the log changed in one field. */
const CHANGE = `${MEMBER}/changes/:event{[0-9a-f-]{36}}/:field`;

/** Review, freezing, looks at plaintext, exports: what is done about a member rather than to their data. */
export const careRoutes: readonly Route[] = [
  get("/members/review", reviewQueue, async (page) => page.html(await queuePage(page))),

  post(`${MEMBER}/review`, review, async (page) => {
    const form = await page.form();
    const decision = form.get("decision");
    const chosen = decision === "approve" ? { decision } : { decision: "return", reason: decision };
    return await page.submit(
      review,
      { ...versioned(page, form.get("version")), ...chosen },
      {
        done: () => page.redirect("/members/review", "members.notice.reviewed"),
        again: async ({ errors }) => await queuePage(page, errors),
      },
    );
  }),

  get(`${MEMBER}/freeze`, freeze, async (page) =>
    page.html(<FreezePage v={page.v} choices={choices} member={(await memberOf(page)).member} />),
  ),

  post(`${MEMBER}/freeze`, freeze, async (page) => {
    const form = await page.form();
    const reason = form.get("reason");
    return await page.submit(
      freeze,
      { ...versioned(page, form.get("version")), reason },
      {
        done: () => back(page, "members.notice.frozen"),
        again: async ({ errors }) => (
          <FreezePage
            v={page.v}
            choices={choices}
            member={(await memberOf(page)).member}
            reason={reason}
            errors={errors}
          />
        ),
      },
    );
  }),

  post(`${MEMBER}/unfreeze`, unfreeze, async (page) => {
    await page.execute(unfreeze, versioned(page, (await page.form()).get("version")));
    return back(page, "members.notice.unfrozen");
  }),

  post(`${MEMBER}/sessions/end`, endSessions, async (page) => {
    await page.execute(endSessions, { member: page.param("member") });
    return back(page, "members.notice.sessions");
  }),

  get(`${MEMBER}/reveal/:field`, revealField, async (page) => page.html(await revealPage(page))),

  post(`${MEMBER}/reveal/:field`, revealField, async (page) => {
    const { input, field, values } = await lookAt(page);
    return await asking(page, values, async () => {
      const { value: shown } = await page.reveal(revealField, input);
      return await leaving(
        page,
        shown.minutes,
        <RevealedPage v={page.v} field={field} purpose={input.purpose} ticket={input.ticket} {...shown} />,
      );
    });
  }),

  get(CHANGE, revealChange, async (page) => page.html(await revealPage(page))),

  post(CHANGE, revealChange, async (page) => {
    const { input, field, values } = await lookAt(page);
    return await asking(page, values, async () => {
      const { value: shown } = await page.reveal(revealChange, { ...input, event: page.param("event") });
      return await leaving(
        page,
        shown.minutes,
        <RevealedChangePage
          v={page.v}
          field={field}
          purpose={input.purpose}
          ticket={input.ticket}
          {...shown}
        />,
      );
    });
  }),

  get(`${MEMBER}/export`, exportMember, async (page) =>
    page.html(<ExportPage v={page.v} member={(await memberOf(page)).member} />),
  ),

  post(`${MEMBER}/export`, exportMember, async (page) => {
    const form = await page.form();
    const reason = form.get("reason");
    return await page.submit(
      exportMember,
      { ...versioned(page, form.get("version")), reason },
      {
        done: () => page.redirect("/members/exports"),
        again: async ({ errors }) => (
          <ExportPage v={page.v} member={(await memberOf(page)).member} reason={reason} errors={errors} />
        ),
      },
    );
  }),

  get(`${MEMBER}/restrict`, restrict, async (page) =>
    page.html(<RestrictPage v={page.v} member={(await memberOf(page)).member} />),
  ),

  post(`${MEMBER}/restrict`, restrict, async (page) => {
    const form = await page.form();
    const reason = form.get("reason");
    return await page.submit(
      restrict,
      { ...versioned(page, form.get("version")), reason },
      {
        done: () => back(page, "members.notice.saved"),
        again: async ({ errors }) => (
          <RestrictPage v={page.v} member={(await memberOf(page)).member} reason={reason} errors={errors} />
        ),
      },
    );
  }),

  get("/members/exports", myExports, async (page) =>
    page.html(<ExportsPage v={page.v} rows={await page.ask(myExports, {})} />),
  ),

  get("/members/exports/:export", downloadExport, async (page) => {
    const mine = await page.ask(myExports, {});
    // somebody else's is an address of nothing, before the form as after it
    if (!mine.some(({ id }) => id === page.param("export"))) throw new Refusal("not-found", "not-found");
    return page.html(<FetchPage v={page.v} export={page.param("export")} passphrase={newPassphrase()} />);
  }),

  post("/members/exports/:export", downloadExport, async (page) => {
    const input = { export: page.param("export"), passphrase: (await page.form()).get("passphrase") };
    const { value } = await page.reveal(downloadExport, input);
    const file = { name: value.name, content: value.file };
    return await page.html(<FetchedPage v={page.v} passphrase={input.passphrase} file={file} />);
  }),
];

async function queuePage(page: Page, errors: readonly FieldError[] = []) {
  const found = await page.ask(reviewQueue, {
    page: given({ after: page.query["after"], before: page.query["before"] }),
  });
  const [first, second] = found.rows;
  const address = (query: Record<string, string>) => `/members/review?${new URLSearchParams(query)}`;
  const skip =
    first === undefined || second === undefined
      ? undefined
      : writeCursor({ at: first.submitted_at, id: first.id });
  return (
    <QueuePage
      v={page.v}
      choices={choices}
      rows={found.rows}
      skip={skip === undefined ? undefined : address({ after: skip })}
      next={found.next === undefined ? undefined : address({ after: found.next })}
      previous={found.previous === undefined ? undefined : address({ before: found.previous })}
      errors={errors}
    />
  );
}

/** A look as its form asks for it. */
async function lookAt(page: Page) {
  const form = await page.form();
  const field = fieldOf(page);
  const basis = form.get("basis");
  const input = {
    member: page.param("member"),
    field,
    purpose: form.get("purpose"),
    ...(basis === "" ? {} : { basis }),
    ticket: form.get("ticket"),
  };
  return { input, field, values: form.values };
}

/** Shows what was asked for, or the form again with what was wrong in it. */
async function asking(page: Page, values: Typed, show: () => Promise<Response>): Promise<Response> {
  try {
    return await show();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // a reload sends the same form again: what it showed is shown once, and nobody has changed anything
    if (error.code === "reveal_once")
      return await page.html(<UsedLookPage v={page.v} {...await memberOf(page)} />, 409);
    if (error.kind !== "invalid") throw error;
    return await page.html(await revealPage(page, errorsOf(page, error), values), 422);
  }
}

/** A page of plaintext: the browser goes back to the masks by itself, also without script. */
async function leaving(page: Page, minutes: number, shown: Parameters<Page["html"]>[0]): Promise<Response> {
  page.c.header("Refresh", `${minutes * 60}; url=/members/${page.param("member")}`);
  return await page.html(shown);
}

type Typed = Readonly<Record<string, string | string[]>>;

async function revealPage(page: Page, errors: readonly FieldError[] = [], values: Typed = {}) {
  const found = await memberOf(page);
  return (
    <RevealPage
      v={page.v}
      view={found}
      field={fieldOf(page)}
      event={page.c.req.param("event")}
      {...found.reveal}
      errors={errors}
      values={values}
    />
  );
}

/** The field that the address names. Refuses `not-found` for what is no personal field. */
function fieldOf(page: Page) {
  const field = choices.personalFields.find((known) => known === page.param("field"));
  if (field === undefined) throw new Refusal("not-found", "not-found");
  return field;
}

/** What a look was refused for, at its fields. `submit` does this for commands. */
function errorsOf({ t }: Page, refusal: Refusal): FieldError[] {
  const issues = refusal.details.issues ?? [];
  const labels = ["purpose", "basis", "ticket"] as const;
  return issues.map(({ path, code }) => {
    const name = labels.find((label) => label === path);
    const message = t(
      code === "required" ? "invalid.required" : code === "choice" ? "invalid.choice" : "invalid.format",
    );
    // the summary above the form has no label beside it
    return {
      field: path,
      message: name === undefined ? message : `${t(`members.reveal.${name}`)}: ${message}`,
    };
  });
}

function back(page: Page, notice: NoticeKey) {
  return page.redirect(`/members/${page.param("member")}`, notice);
}
