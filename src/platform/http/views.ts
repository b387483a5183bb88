import type { Context } from "hono";
import { chooseLanguage } from "../i18n/index.ts";
import type { NavGroupName } from "../module.ts";
import type { Actor } from "../../door/actor.ts";
import { type Binding, csrfTokens } from "./csrf.ts";
import type { HttpEnv } from "./env.ts";
import type { HttpPorts } from "./ports.ts";
import { preSession } from "./pre-session.ts";
import { type Authenticated, sessionBinding } from "./session.ts";
import type { NavGroup, ViewContext } from "./view.ts";

/**
 * The view context of one response. `bare` leaves out what has to be asked of the database: for pages that say that
 * something is wrong with it.
 */
export async function viewOf(
  ports: HttpPorts,
  c: Context<HttpEnv>,
  who: Authenticated,
  bare?: "bare",
): Promise<ViewContext> {
  const language = chooseLanguage({
    person: who.language,
    acceptLanguage: c.req.header("accept-language") ?? null,
  });
  const url = new URL(c.req.url);
  const v = ports.view({
    language,
    theme: who.theme,
    density: who.density,
    timezone: who.timezone ?? ports.timezone,
    nonce: c.get("secureHeadersNonce"),
    asset: (name) => ports.assets.url(name),
    csrf: csrfTokens(ports.formKey).make(bindingOf(ports, c, who)),
    path: url.pathname + url.search,
    requestId: c.get("requestId"),
    now: ports.clock.now(),
    nav: [],
    banners: bare === undefined ? await ports.banners(who, language) : [],
    fragment: isFragment(c),
  });
  const notice = ports.pages.notice(v.t, url.searchParams.get("notice") ?? "");
  const actor = who.actor;
  return {
    ...v,
    notices: notice === null ? [] : [notice],
    nav: actor === null ? [] : navigation(ports, actor, v.t),
    ...(actor === null
      ? {}
      : {
          viewer: {
            name: actor.display,
            roles: actor.roles.map((role) => ports.pages.text(v.t, `role.${role}`)),
            can: (permission: string) => actor.permissions.has(permission),
            gate: (command: string) => who.gate(command),
          },
        }),
  };
}

/** htmx asked, and for a part: a request of its for a whole page says so. */
export function isFragment(c: Context<HttpEnv>): boolean {
  return c.req.header("hx-request") === "true" && c.req.header("hx-request-type") !== "full";
}

/** What the tokens of this person's forms are bound to. */
export function bindingOf(ports: HttpPorts, c: Context<HttpEnv>, who: Authenticated): Binding {
  return sessionBinding(who) ?? { to: preSession(c, isSecure(ports)), person: null };
}

/** Whether cookies are marked Secure: everywhere but on a loopback without TLS. */
export function isSecure(ports: Pick<HttpPorts, "publicOrigin">): boolean {
  return ports.publicOrigin?.startsWith("https:") ?? false;
}

function navigation({ modules, pages }: HttpPorts, actor: Actor, t: ViewContext["t"]): NavGroup[] {
  const open = modules
    .flatMap((module) => module.nav)
    .filter(({ access }) => access === "anyone" || actor.permissions.has(access.name));
  const groups = new Map<NavGroupName, NavGroup["items"]>();
  for (const { group, label, path, icon } of open) {
    const sign = pages.icon(icon);
    const item = { label: pages.text(t, label), href: path, ...(sign === undefined ? {} : { icon: sign }) };
    groups.set(group, [...(groups.get(group) ?? []), item]);
  }
  return [...groups].map(([name, items]) => ({ name, items }));
}
