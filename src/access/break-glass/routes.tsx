import type { Page } from "../../platform/http/page.ts";
import { get, post, type Route } from "../../platform/module.ts";
import { BreakGlassListPage, BreakGlassReviewPage } from "../../../views/access/break-glass.tsx";
import { reviewBreakGlass } from "./commands.ts";
import { type Glass, listBreakGlass, viewBreakGlass } from "./queries.ts";

export const breakGlassRoutes: readonly Route[] = [
  get("/staff/break-glass", listBreakGlass, async (page) => {
    return await page.html(<BreakGlassListPage v={page.v} glasses={await page.ask(listBreakGlass, {})} />);
  }),

  get("/staff/break-glass/:id", viewBreakGlass, async (page) => {
    const glass = await page.ask(viewBreakGlass, { id: page.param("id") });
    return await page.html(
      <BreakGlassReviewPage v={page.v} glass={glass} mayReview={mayReview(page, glass)} />,
    );
  }),

  post("/staff/break-glass/:id", reviewBreakGlass, async (page) => {
    const form = await page.form();
    const id = page.param("id");
    const glass = await page.ask(viewBreakGlass, { id });
    const note = form.get("note");
    return await page.submit(
      reviewBreakGlass,
      { id, outcome: form.get("outcome"), note },
      {
        done: () => page.redirect("/staff/break-glass", "access.notice.reviewed"),
        again: ({ errors }) => (
          <BreakGlassReviewPage v={page.v} glass={glass} mayReview note={note} errors={errors} />
        ),
      },
    );
  }),
];

/** Only what is offered; the door decides. */
function mayReview(page: Page, glass: Glass): boolean {
  const ended = glass.endedAt !== null || glass.expiresAt <= page.v.now;
  return (
    ended &&
    glass.outcome === null &&
    glass.person !== page.viewer?.id &&
    page.viewer?.permissions.has(reviewBreakGlass.name) === true
  );
}
