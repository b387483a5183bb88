import { get, post, type Route } from "../../platform/module.ts";
import { AccessReviewPage } from "../../../views/access/review.tsx";
import { accessReview } from "./due.ts";
import { keepRole } from "./keep.ts";

export const reviewRoutes: readonly Route[] = [
  get("/staff/review", accessReview, async (page) => {
    return await page.html(<AccessReviewPage v={page.v} review={await page.ask(accessReview, {})} />);
  }),

  post("/staff/review", keepRole, async (page) => {
    const form = await page.form();
    await page.execute(keepRole, { person: form.get("person"), grant: form.get("grant") });
    return page.redirect("/staff/review", "access.notice.role-kept");
  }),
];
