import { get, post, type Route } from "../../platform/module.ts";
import { KeysPage } from "../../../views/system/keys.tsx";
import { rotateKeys } from "./commands.ts";
import { keyStatus } from "./queries.ts";

export const keyRoutes: readonly Route[] = [
  get("/keys", keyStatus, async (page) => {
    const keys = await page.ask(keyStatus, {});
    return page.html(
      <KeysPage v={page.v} keys={keys} mayRotate={page.viewer?.permissions.has(rotateKeys.name) === true} />,
    );
  }),

  post("/keys/rotation", rotateKeys, async (page) => {
    const form = await page.form();
    return await page.submit(
      rotateKeys,
      { reason: form.get("reason") },
      {
        done: () => page.redirect("/keys", "keys.notice.rotating"),
        again: async (problem) => (
          <KeysPage
            v={page.v}
            keys={await page.ask(keyStatus, {})}
            mayRotate
            reason={form.get("reason")}
            errors={problem.errors}
          />
        ),
      },
    );
  }),
];
