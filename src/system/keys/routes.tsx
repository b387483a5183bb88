import type { Page } from "../../platform/http/page.ts";
import { progressOf } from "../../platform/http/sse.ts";
import { get, post, type Route, unattended } from "../../platform/module.ts";
import { isRotating, KeysPage, Rotations } from "../../../views/system/keys.tsx";
import { rotateKeys } from "./commands.ts";
import { keyStatus } from "./queries.ts";

export const keyRoutes: readonly Route[] = [
  get("/keys", keyStatus, keysPage),
  unattended("/keys/progress", keyStatus, keysPage),

  unattended("/keys/live", keyStatus, async (page) =>
    page.stream(
      progressOf({
        look: async () => await page.ask(keyStatus, { only: "rotations" }),
        over: (keys) => !isRotating(keys),
        show: (keys) => <Rotations v={page.v} keys={keys} />,
      }),
    ),
  ),

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

async function keysPage(page: Page): Promise<Response> {
  const keys = await page.ask(keyStatus, {});
  return await page.html(
    <KeysPage v={page.v} keys={keys} mayRotate={page.viewer?.permissions.has(rotateKeys.name) === true} />,
  );
}
