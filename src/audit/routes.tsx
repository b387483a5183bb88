import { ChartPage } from "../../views/audit/chart.tsx";
import { ExplorerPage } from "../../views/audit/explorer.tsx";
import { EventPage } from "../../views/audit/event.tsx";
import { ExportPage } from "../../views/audit/export.tsx";
import { ObjectPage, PersonPage, SeenPage } from "../../views/audit/histories.tsx";
import { StatusPage } from "../../views/audit/status.tsx";
import { issueText } from "../../views/system/texts.ts";
import { Refusal } from "../door/refusal.ts";
import { verifierSource } from "../platform/audit/bundle.ts";
import type { Form, Page } from "../platform/http/index.ts";
import { get, post, type Route } from "../platform/module.ts";
import { decideFork, deleteSearch, exportLog, saveSearch } from "./commands.ts";
import { filterKeys, filterOf } from "./filter.ts";
import {
  event,
  findOne,
  histogram,
  objectHistory,
  personHistory,
  proof,
  savedSearches,
  search,
  seenBy,
  status,
} from "./queries.ts";
import type { EntryPage } from "./search.ts";
import { localText } from "./time.ts";

export const pageRoutes: readonly Route[] = [
  get("/audit", search, async (page) => await explorer(page)),

  get("/audit/chart", histogram, async (page) => {
    const typed = filterOf(page.query);
    const found = await page.ask(histogram, { filter: typed });
    return await page.html(
      <ChartPage v={page.v} histogram={found} searchHref={hrefOf(typed)} spanHref={spanHref(page, typed)} />,
    );
  }),

  post("/audit/find", findOne, async (page) => {
    const form = await page.form();
    const { href } = await page.ask(findOne, { text: form.get("text") });
    return href === undefined ? await explorer(page, { nothingFound: true }) : page.redirect(href);
  }),

  get("/audit/events/:idx", event, async (page) => {
    const found = await page.ask(event, { idx: page.param("idx") });
    return await page.html(<EventPage v={page.v} event={found} />);
  }),

  get("/audit/events/:idx/proof", proof, async (page) => {
    const idx = page.param("idx");
    const { file } = await page.ask(proof, { idx });
    return page.download(`event-${Number(idx)}.tlog-proof`, "text/plain; charset=utf-8", file);
  }),

  get("/audit/events/:idx/body", event, async (page) => {
    const { entry, body } = await page.ask(event, { idx: page.param("idx") });
    return page.download(`event-${entry.idx}.json`, "application/json", body);
  }),

  get("/audit/object/:type/:id", objectHistory, async (page) => {
    const [type, id] = [page.param("type"), page.param("id")];
    const found = await page.ask(objectHistory, { type, id, page: pageOf(page) });
    const base = `/audit/object/${encodeURIComponent(type)}/${encodeURIComponent(id)}`;
    return await page.html(<ObjectPage v={page.v} type={type} page={found} links={linksOf(found, base)} />);
  }),

  get("/audit/person/:id", personHistory, async (page) => {
    const id = page.param("id");
    const found = await page.ask(personHistory, { id, page: pageOf(page) });
    return await page.html(
      <PersonPage
        v={page.v}
        page={found}
        links={linksOf(found, `/audit/person/${encodeURIComponent(id)}`)}
        spanHref={spanHref(page, { actor: found.id })}
      />,
    );
  }),

  get("/audit/seen/:id", seenBy, async (page) => {
    const id = page.param("id");
    return await page.html(<SeenPage v={page.v} id={id} seen={await page.ask(seenBy, { id })} />);
  }),

  get("/audit/export", exportLog, async (page) => {
    const { size } = await page.ask(status, {});
    return await page.html(<ExportPage v={page.v} size={size} typed={filterOf(page.query)} />);
  }),

  post("/audit/export", exportLog, async (page) => {
    const form = await page.form();
    const format = form.get("format");
    const input =
      format === "bundle"
        ? { format, from: form.get("from"), to: form.get("to") }
        : { format, filter: filterIn(form) };
    const { value } = await page.reveal(exportLog, input);
    return page.download(value.name, value.type, value.stream);
  }),

  post("/audit/searches", saveSearch, async (page) => {
    const form = await page.form();
    const typed = filterIn(form);
    return await page.submit(
      saveSearch,
      { name: form.get("name"), filter: typed },
      {
        done: () => page.redirect(hrefOf(typed), "audit.notice.saved"),
        again: async (problem) => await explorerNode(page, { typed, errors: problem.errors }),
      },
    );
  }),

  post("/audit/searches/:id/delete", deleteSearch, async (page) => {
    await page.execute(deleteSearch, { id: page.param("id") });
    return page.redirect("/audit", "audit.notice.deleted");
  }),

  get("/audit/status", status, async (page) => {
    return await page.html(<StatusPage v={page.v} status={await page.ask(status, {})} />);
  }),

  get("/audit/policy", status, async (page) => {
    const { trustPolicy } = await page.ask(status, {});
    return page.download("trusted.policy", "text/plain; charset=utf-8", trustPolicy);
  }),

  get("/audit/verifier", status, async (page) =>
    page.download("gatehouse-verify.mjs", "text/javascript; charset=utf-8", await verifierSource()),
  ),

  post("/audit/fork", decideFork, async (page) => {
    const form = await page.form();
    const input = { origin: form.get("origin"), signed: form.get("signed"), reason: form.get("reason") };
    return await page.submit(decideFork, input, {
      done: () => page.redirect("/audit/status"),
      again: async (problem) => (
        <StatusPage
          v={page.v}
          status={await page.ask(status, {})}
          errors={problem.errors}
          reason={form.get("reason")}
        />
      ),
    });
  }),
];

type Shown = Pick<Parameters<typeof ExplorerPage>[0], "nothingFound" | "errors" | "filterErrors"> & {
  typed?: Record<string, string>;
};

async function explorer(page: Page, shown: Shown = {}): Promise<Response> {
  try {
    return await page.html(await explorerNode(page, shown), shown.nothingFound === true ? 422 : 200);
  } catch (error) {
    if (!(error instanceof Refusal) || error.kind !== "invalid") throw error;
    return await page.html(filterRefused(page, error), 422);
  }
}

/** The explorer for a filter; parts that the person may not ask for are left out. */
async function explorerNode(page: Page, { typed = filterOf(page.query), ...shown }: Shown) {
  const may = (permission: string) => page.viewer?.permissions.has(permission) === true;
  const found = await page.ask(search, { filter: typed, page: pageOf(page) });
  const saved = may(savedSearches.name) ? await page.ask(savedSearches, {}) : undefined;
  return (
    <ExplorerPage
      v={page.v}
      typed={typed}
      page={found}
      links={linksOf(found, hrefOf(typed))}
      chartHref={may(histogram.name) ? hrefOf(typed, "/audit/chart") : undefined}
      saved={saved}
      {...shown}
    />
  );
}

/** What was typed, each field that is not understood with its word, and no events. */
function filterRefused(page: Page, refusal: Refusal) {
  // by field: one that breaks several rules says the last
  const wrong = new Map(
    (refusal.details.issues ?? []).map((issue) => [issue.path.split(".").at(-1) ?? "", issue] as const),
  );
  return (
    <ExplorerPage
      v={page.v}
      typed={filterOf(page.query)}
      page={{ entries: [], before: undefined, after: undefined }}
      links={{ older: undefined, newer: undefined }}
      chartHref={undefined}
      saved={undefined}
      filterErrors={[...wrong].map(([field, issue]) => ({ field, message: issueText(page.t, issue) }))}
    />
  );
}

/** The hidden fields of a form that carry a filter along. */
function filterIn(form: Form): Record<string, string> {
  return filterOf(Object.fromEntries(filterKeys.map((key) => [key, form.get(`f_${key}`)])));
}

function pageOf({ query }: Page): Record<string, string> {
  const { before, after } = query;
  return { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}

/** `typed` has passed or will pass the filter's schema; here only its keys matter. */
const hrefOf = (typed: Record<string, string>, base = "/audit"): string => {
  const query = new URLSearchParams(typed).toString();
  return query === "" ? base : `${base}?${query}`;
};

function linksOf({ before, after }: EntryPage, base: string) {
  const join = base.includes("?") ? "&" : "?";
  return {
    older: before === undefined ? undefined : `${base}${join}before=${before}`,
    newer: after === undefined ? undefined : `${base}${join}after=${after}`,
  };
}

function spanHref(page: Page, typed: Record<string, string>) {
  const local = (at: Date) => localText(at, page.v.timezone);
  return (from: Date, to: Date): string => hrefOf({ ...typed, from: local(from), to: local(to) });
}
