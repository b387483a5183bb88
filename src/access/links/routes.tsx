import { Refusal } from "../../door/refusal.ts";
import type { Page } from "../../platform/http/page.ts";
import { get, post, type Route } from "../../platform/module.ts";
import { BeginSetupPage, LinkGonePage, WelcomePage } from "../../../views/access/links.tsx";
import { throttleAddressTries } from "../params.ts";
import { newPassword } from "../password/new-password.ts";
import { runtimeOf } from "../runtime.ts";
import { beginSetup } from "../setup/commands.ts";
import { addressGroup } from "../sign-in/address.ts";
import { waitsOf } from "../throttle.ts";
import { acceptLink } from "./accept.ts";
import { linkOf } from "./link.ts";

/*
 * Pages behind one-time links. Looking uses nothing up, because scanners of mail look too; a link is used by the form.
 */
export const linkRoutes: readonly Route[] = [
  get("/welcome/:token", "public", async (page) => {
    const token = page.param("token");
    const link = await openLink(page, token);
    if (link === null || link.kind === "setup") return await page.html(<LinkGonePage v={page.v} />, 404);
    return await page.html(<WelcomePage v={page.v} token={token} who={{ ...link, kind: link.kind }} />);
  }),

  post("/welcome/:token", "public", async (page) => {
    const runtime = runtimeOf(page);
    const token = page.param("token");
    const link = await openLink(page, token);
    if (link === null || link.kind === "setup") return await page.html(<LinkGonePage v={page.v} />, 404);
    const who = { ...link, kind: link.kind };
    const password = await newPassword(
      runtime.hashing,
      await runtime.rules(runtime.read),
      runtime.blocklist,
      {
        password: (await page.form()).get("password"),
        names: [link.login, link.name],
      },
    );
    return await page.submit(
      acceptLink,
      { token, password },
      {
        done: () => page.redirect("/sign-in", "access.notice.password-set"),
        again: ({ errors }) => <WelcomePage v={page.v} token={token} who={who} errors={errors} />,
      },
    );
  }),

  get("/setup/:token", "public", async (page) => {
    const token = page.param("token");
    const link = await openLink(page, token);
    if (link?.kind !== "setup") return await page.html(<LinkGonePage v={page.v} />, 404);
    return await page.html(<BeginSetupPage v={page.v} token={token} />);
  }),

  post("/setup/:token", "public", async (page) => {
    const runtime = runtimeOf(page);
    const token = page.param("token");
    const link = await openLink(page, token);
    // nobody's password is hashed for a link that works no more
    if (link?.kind !== "setup") return await page.html(<LinkGonePage v={page.v} />, 404);
    const form = await page.form();
    const login = form.get("login");
    const name = form.get("name");
    const password = await newPassword(
      runtime.hashing,
      await runtime.rules(runtime.read),
      runtime.blocklist,
      {
        password: form.get("password"),
        names: [login, name],
      },
    );
    return await page.submit(
      beginSetup,
      { token, login, name, password },
      {
        done: () => page.redirect("/sign-in", "access.notice.password-set"),
        again: ({ errors, values }) => (
          <BeginSetupPage v={page.v} token={token} values={values} errors={errors} />
        ),
      },
    );
  }),
];

/**
 * The link of a token, or null. An address that tries many that are none has to wait, like one that tries passwords
 * (ASVS 2.4.1); whoever holds a link may look at it as often as they like. Refuses `throttled`.
 */
async function openLink(page: Page, token: string) {
  const { read, rules, throttle, clock } = runtimeOf(page);
  const policy = await rules(read);
  const counter = {
    scope: "link",
    subject: addressGroup(page.request.ip ?? ""),
    tries: policy.params(throttleAddressTries),
    ...waitsOf(policy),
  } as const;
  const taken = await throttle.take(counter);
  if (taken.blocked) throw new Refusal("throttled", "throttled", { retryAfter: taken.retryAfter });
  const link = await linkOf(read, token, clock.now());
  if (link !== null) await throttle.giveBack(counter);
  return link;
}
