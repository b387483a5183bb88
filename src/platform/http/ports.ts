import type { Clock } from "../../door/clock.ts";
import type { Credential } from "../../door/actor.ts";
import type { Door } from "../../door/door.ts";
import type { RequestFacts } from "../../door/event.ts";
import type { Issue, Refusal, StepUpNeed } from "../../door/refusal.ts";
import type { Assets } from "../assets.ts";
import type { Language } from "../i18n/index.ts";
import type { Log } from "../log.ts";
import type { Module } from "../module.ts";
import type { Fields } from "./form.ts";
import type { Node } from "./page.ts";
import type { Authenticate, Authenticated, StepUp } from "./session.ts";
import type { Banner, IconName, MakeView, Notice, ViewContext } from "./view.ts";

/** What the HTTP layer needs of the rest. The composition root gives it. */
export interface HttpPorts {
  door: Door;
  modules: readonly Module[];
  authenticate: Authenticate;
  stepUp: StepUp;
  view: MakeView;
  pages: SystemPages;
  assets: Assets;
  /** What everybody has to know on every page; called for every page, so it reads at most one row. */
  banners(who: Authenticated, language: Language): Promise<readonly Banner[]>;
  /** A guard refused somebody before the door was asked. The door writes its own refusals. */
  turnedAway?(credential: Credential, permission: string, request: RequestFacts): Promise<void>;
  /** A form that is not ours, or not of this session, was refused before the door was asked. */
  forged?(credential: Credential, code: "forged" | "cross_origin", request: RequestFacts): Promise<void>;
  /** 32 bytes of this installation, for the tokens of forms. */
  formKey: Buffer;
  /** The origin that browsers see; undefined when the console is reached on loopback only. */
  publicOrigin: string | undefined;
  trustedProxies: readonly string[];
  /** IANA zone of the mall. */
  timezone: string;
  /** Each is asked by `/readyz`, and says no by throwing. */
  ready: Readonly<Record<string, () => Promise<unknown>>>;
  /** Further numbers for `/metrics`, by name. */
  gauges?(): Promise<Readonly<Record<string, number>>>;
  clock: Clock;
  log: Log;
}

/** The pages that belong to no module, and the texts of refusals. Views provide them. */
export interface SystemPages {
  error(v: ViewContext, facts: ErrorFacts): Node;
  /** Asks for a fresh proof and repeats the form that needs it. */
  stepUp(v: ViewContext, facts: StepUpFacts): Node;
  /** What was asked for now waits for others. */
  pending(v: ViewContext, approval: string | null): Node;
  /** Sign-in for somebody whose session ended while they typed; `carry` is null when nothing could be kept. */
  signInAgain(v: ViewContext, facts: { carry: string | null; next: string }): Node;
  /** Offers a form to be sent again: after signing in, or because its token had expired. */
  sendAgain(v: ViewContext, facts: { action: string; fields: Fields; why: "signed-in" | "expired" }): Node;
  /** The text of a refusal; of its kind where its code has none. */
  refusal(t: ViewContext["t"], refusal: Refusal): string;
  issue(t: ViewContext["t"], issue: Issue): string;
  /** The notice that an address may ask for; null for anything that is none. */
  notice(t: ViewContext["t"], key: string): Notice | null;
  /** The text of a key that data names; the key itself where it has none. */
  text(t: ViewContext["t"], key: string): string;
  icon(name: string): IconName | undefined;
}

export interface ErrorFacts {
  status: number;
  /** In the reader's language. */
  message: string;
  issues: readonly string[];
  /** Seconds. */
  retryAfter: number | null;
}

export interface StepUpFacts {
  need: StepUpNeed;
  /** The address that the form was sent to. */
  action: string;
  fields: Fields;
  /** Where the form stood, for whoever would rather not. */
  back: string;
  /** Set when the proof that was given is wrong. */
  problem: string | null;
  /** The form brought a file, which has to be chosen again. */
  fileLost: boolean;
}
