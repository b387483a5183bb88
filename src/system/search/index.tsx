import { defineModule, type Module, post } from "../../platform/module.ts";
import { NothingFoundPage } from "../../../views/system/nothing-found.tsx";

/**
 * The search above every page: each module is asked in turn whether it knows what the text names. It is posted, because
 * people type what they have at hand, a phone number among other things, and an address is no place for that.
 */
export function searchModule(modules: readonly Module[]): Module {
  return defineModule({
    name: "search",
    commands: [],
    queries: [],
    routes: [
      post("/search", "anyone", async (page) => {
        const text = (await page.form()).get("q").trim().slice(0, 200);
        if (text !== "") {
          for (const module of modules) {
            const href = (await module.find?.(page, text)) ?? null;
            if (href !== null) return page.redirect(href);
          }
        }
        return await page.html(<NothingFoundPage v={page.v} />, 404);
      }),
    ],
    params: [],
    jobs: [],
    nav: [],
  });
}
