import type { AnyQuery } from "../door/command.ts";
import { Refusal } from "../door/refusal.ts";
import type { Page } from "../platform/http/page.ts";
import type { TourStep } from "../platform/module.ts";
import { agentName } from "./sign-in/address.ts";
import type { AuthenticateDeps } from "./authenticate.ts";
import type { Blocklist } from "./password/common.ts";
import type { Browser, SignInDeps } from "./sign-in/sign-in.ts";

/** What the pages of this module need beside the door. `authenticate` puts it on the context of every request. */
export interface AccessRuntime extends SignInDeps, AuthenticateDeps {
  blocklist: Blocklist;
  formKey: Buffer;
  /** Undefined when the console is reached on loopback only. */
  publicOrigin: string | undefined;
  queries: ReadonlyMap<string, AnyQuery>;
  /** What the first screen proposes to try; empty outside of the demo. */
  tour: readonly TourStep[];
}

declare module "../platform/http/env.ts" {
  interface HttpVariables {
    access: AccessRuntime;
  }
}

export function runtimeOf(page: Page): AccessRuntime {
  return page.c.get("access");
}

/** Where a request comes from, as the person will recognise it on their sessions page. */
export function browserOf(page: Page): Browser {
  const { c, request } = page;
  return {
    address: request.ip ?? "",
    agent: agentName(c.req.header("user-agent")),
    device: runtimeOf(page).cookies.device(c),
    request,
  };
}

/** The credential of a page that stands behind a session. */
export function sessionOf(page: Page) {
  if (page.credential.type !== "session") throw new Refusal("denied", "sign_in");
  return page.credential;
}
