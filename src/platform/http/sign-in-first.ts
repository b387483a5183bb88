import type { Context } from "hono";
import { pack } from "./carry.ts";
import type { HttpEnv } from "./env.ts";
import { htmlAnswer } from "./html.ts";
import type { HttpPorts } from "./ports.ts";
import { safeReturnTo } from "./return-to.ts";
import { nobody } from "./session.ts";
import { viewOf } from "./views.ts";

/** The page of the first factor, in `access`. */
export const signInPath = "/sign-in";

/**
 * Answers somebody who is not signed in, or no longer. A look leads to sign-in and back. A post gets the sign-in page
 * itself, with what was typed sealed into it, so that nothing is lost and nothing is stored.
 */
export async function signInFirst(ports: HttpPorts, c: Context<HttpEnv>): Promise<Response> {
  const partial = c.req.header("hx-request") === "true";
  if (c.req.method !== "POST") {
    const address = `${signInPath}?next=${encodeURIComponent(wanted(c, partial))}`;
    if (!partial) return c.redirect(address, 303);
    // a part of a page cannot sign in: the whole page goes there
    c.header("HX-Redirect", address);
    return c.body(null, 401);
  }
  const url = new URL(c.req.url);
  const body = c.get("body");
  const carry = body === undefined ? null : pack(ports.formKey, url.pathname + url.search, body.fields);
  if (partial) {
    c.header("HX-Retarget", "body");
    c.header("HX-Reselect", "body");
  }
  const v = await viewOf(ports, c, { ...nobody, language: c.get("who")?.language ?? null });
  return await htmlAnswer(c, ports.pages.signInAgain({ ...v, fragment: false }, { carry, next: "/" }), 401);
}

/** The page that was asked for; for a part, the page it is a part of. */
function wanted(c: Context<HttpEnv>, partial: boolean): string {
  const shown = partial ? URL.parse(c.req.header("hx-current-url") ?? "") : new URL(c.req.url);
  return shown === null ? "/" : safeReturnTo(shown.pathname + shown.search);
}
