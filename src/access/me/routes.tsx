import type { Page } from "../../platform/http/page.ts";
import { get, post, type Route } from "../../platform/module.ts";
import { BreakGlassPage } from "../../../views/access/factor.tsx";
import { MePage } from "../../../views/access/me.tsx";
import { endBreakGlass, openBreakGlass } from "../break-glass/commands.ts";
import { elevate } from "../grants/elevate.ts";
import { readNotices } from "../notices/queries.ts";
import { breakGlassMinutes } from "../params.ts";
import { newPassword } from "../password/new-password.ts";
import { runtimeOf, sessionOf } from "../runtime.ts";
import { ownPassword } from "../step-up/step-up.ts";
import { changePassword, endOwnSession, endOwnSessions, setPreferences } from "./commands.ts";
import { me } from "./query.ts";

export const meRoutes: readonly Route[] = [
  get("/me", me, async (page) => await page.html(<MePage v={page.v} me={await page.ask(me, {})} />)),

  post("/me/sessions/:handle/end", endOwnSession, async (page) => {
    await page.execute(endOwnSession, { handle: page.param("handle") });
    return page.redirect("/me", "access.notice.session-ended");
  }),

  post("/me/sessions/end", endOwnSessions, async (page) => {
    await page.execute(endOwnSessions, {});
    return page.redirect("/me", "access.notice.session-ended");
  }),

  post("/me/password", changePassword, async (page) => {
    const runtime = runtimeOf(page);
    const form = await page.form();
    const mine = await page.ask(me, {});
    const next = await newPassword(runtime.hashing, await runtime.rules(runtime.read), runtime.blocklist, {
      password: form.get("next"),
      names: [mine.login, mine.name],
    });
    const current = await ownPassword(runtime, sessionOf(page).person, form.get("current"));
    return await page.submit(
      changePassword,
      { current, next },
      {
        done: () => page.redirect("/me", "access.notice.changed"),
        again: ({ errors }) => <MePage v={page.v} me={mine} problem={{ form: "password", errors }} />,
      },
    );
  }),

  post("/me/elevate", elevate, async (page) => {
    const form = await page.form();
    const mine = await page.ask(me, {});
    const incident = form.get("incident");
    const input = {
      role: form.get("role"),
      hours: Number(form.get("hours")),
      reason: form.get("reason"),
      ...(incident === "" ? {} : { incident }),
    };
    return await page.submit(elevate, input, {
      done: () => page.redirect("/me", "access.notice.elevated"),
      again: ({ errors }) => <MePage v={page.v} me={mine} problem={{ form: "elevate", errors }} />,
    });
  }),

  get("/me/break-glass", openBreakGlass, async (page) => {
    return await page.html(<BreakGlassPage v={page.v} {...await emergency(page)} />);
  }),

  post("/me/break-glass", openBreakGlass, async (page) => {
    const reason = (await page.form()).get("reason");
    const facts = await emergency(page);
    return await page.submit(
      openBreakGlass,
      { reason },
      {
        done: () => page.redirect("/", "access.notice.glass-open"),
        again: ({ errors }) => <BreakGlassPage v={page.v} {...facts} reason={reason} errors={errors} />,
      },
    );
  }),

  post("/me/break-glass/end", endBreakGlass, async (page) => {
    await page.execute(endBreakGlass, {});
    return page.redirect("/me", "access.notice.glass-ended");
  }),

  post("/notices/read", readNotices, async (page) => {
    await page.execute(readNotices, {});
    return page.redirect("/");
  }),

  // before sign-in the choice is kept in a cookie, because there is nobody yet to keep it with
  post("/preferences", "public", async (page) => {
    const form = await page.form();
    const given = Object.fromEntries(
      ["language", "theme", "density"].flatMap((name) =>
        form.get(name) === "" ? [] : [[name, form.get(name)]],
      ),
    );
    if (page.viewer !== null) await page.execute(setPreferences, given);
    else if (given["language"] === "en" || given["language"] === "zh-CN")
      runtimeOf(page).cookies.setLanguage(page.c, given["language"]);
    return page.redirect(form.get("return_to"));
  }),
];

async function emergency(page: Page) {
  const runtime = runtimeOf(page);
  const policy = await runtime.rules(runtime.read);
  return {
    minutes: policy.params(breakGlassMinutes),
    permissions: policy.access.break_glass.permissions,
  };
}
