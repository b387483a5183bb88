import { Refusal } from "../../door/refusal.ts";
import { get, post, type Route } from "../../platform/module.ts";
import type { Page } from "../../platform/http/page.ts";
import { type Along, CodePage, SignInPage } from "../../../views/access/sign-in.tsx";
import { byToken } from "../authenticate.ts";
import { halfPages } from "../half.ts";
import { deviceDays } from "../params.ts";
import { browserOf, runtimeOf, sessionOf } from "../runtime.ts";
import { isUntouched } from "../setup/link.ts";
import { signOut } from "./commands.ts";
import type { SignedIn } from "./full-session.ts";
import { tryCode, tryPassword } from "./sign-in.ts";

export const signInRoutes: readonly Route[] = [
  get("/sign-in", "public", async (page) => {
    if (page.viewer !== null) return page.redirect("/");
    const untouched = await isUntouched(runtimeOf(page).read);
    return await page.html(<SignInPage v={page.v} along={alongQuery(page)} untouched={untouched} />);
  }),

  post("/sign-in", "public", async (page) => {
    const form = await page.form();
    const along = { next: form.get("next"), carry: page.carry };
    const login = form.get("login");
    const runtime = runtimeOf(page);
    let token: string;
    try {
      ({ token } = await tryPassword(runtime, { login, password: form.get("password") }, browserOf(page)));
    } catch (error) {
      if (!isNo(error)) throw error;
      const errors = [{ message: page.t("refusal.sign_in_failed") }];
      return await page.html(<SignInPage v={page.v} along={along} login={login} errors={errors} />, 403);
    }
    runtime.cookies.setSession(page.c, token);
    const who = await byToken(runtime, token);
    const here = who.half?.next ?? halfPages.code;
    if (along.carry !== null && here === halfPages.code)
      return await page.html(<CodePage v={page.viewFor(who)} along={along} />);
    return page.redirect(withNext(here, along.next));
  }),

  get("/sign-in/code", "half", async (page) => {
    return await page.html(<CodePage v={page.v} along={alongQuery(page)} />);
  }),

  post("/sign-in/code", "half", async (page) => {
    const form = await page.form();
    const along = { next: form.get("next"), carry: page.carry };
    const runtime = runtimeOf(page);
    let signedIn: SignedIn;
    try {
      signedIn = await tryCode(runtime, sessionOf(page), form.get("code"), browserOf(page));
    } catch (error) {
      if (!isNo(error)) throw error;
      const errors = [{ field: "code", message: page.t("refusal.code_wrong") }];
      return await page.html(<CodePage v={page.v} along={along} errors={errors} />, 403);
    }
    const who = await setCookies(page, signedIn);
    return (await page.resume(who)) ?? page.redirect(along.next === "" ? "/" : along.next);
  }),

  post("/sign-out", "public", async (page) => {
    if (page.credential.type === "session") await page.execute(signOut, {});
    runtimeOf(page).cookies.clearSession(page.c);
    return page.forget("/sign-in?notice=notice.signed-out");
  }),
];

/** Both cookies of a full session, and who it belongs to. */
export async function setCookies(page: Page, { token, device }: SignedIn) {
  const runtime = runtimeOf(page);
  runtime.cookies.setSession(page.c, token);
  if (device !== null) {
    const policy = await runtime.rules(runtime.read);
    runtime.cookies.setDevice(page.c, device, policy.params(deviceDays));
  }
  return await byToken(runtime, token);
}

function alongQuery(page: Page): Along {
  return { next: page.query["next"] ?? "", carry: null };
}

/** The address goes back to the browser as data of our own page; where it leads is checked when it is followed. */
function withNext(path: string, next: string): string {
  return next === "" ? path : `${path}?next=${encodeURIComponent(next)}`;
}

function isNo(error: unknown): boolean {
  return error instanceof Refusal && error.kind === "denied" && error.code !== "session_ended";
}
