import type { AnyCommand, AnyQuery, Command } from "../door/command.ts";
import type { Credential } from "../door/actor.ts";
import type { Door } from "../door/door.ts";
import type { Param } from "../door/param.ts";
import type { Page } from "./http/page.ts";
import type { MessageKey } from "./http/view.ts";
import type { EffectHandler } from "./outbox/delivery.ts";

/**
 * Who reaches a route. A command or query: whoever may use it. `anyone`: signed in with both factors. `half`: signed
 * in with the first factor only (the second-factor and enrolment pages). `public`: everybody, and each one is listed.
 */
export type RouteAccess = "public" | "half" | "anyone" | AnyCommand | AnyQuery;

export interface Route {
  method: "get" | "post";
  path: string;
  access: RouteAccess;
  /** Greatest body in bytes; 64 KB unless said. */
  limit?: number;
  /**
   * True for what an open page asks by itself: streams and polls. Such a request is no sign that somebody is there, so
   * it does not count as activity of the session (ASVS 7.3.1).
   */
  unattended?: boolean;
  handle(page: Page): Promise<Response> | Response;
}

export const get = (path: string, access: RouteAccess, handle: Route["handle"]): Route => ({
  method: "get",
  path,
  access,
  handle,
});
/** A `get` that pages ask by themselves, without a person. */
export const unattended = (path: string, access: RouteAccess, handle: Route["handle"]): Route => ({
  ...get(path, access, handle),
  unattended: true,
});
export const post = (path: string, access: RouteAccess, handle: Route["handle"], limit?: number): Route =>
  limit === undefined
    ? { method: "post", path, access, handle }
    : { method: "post", path, access, handle, limit };

/** The groups of the left navigation, in their order. */
export type NavGroupName =
  | "watch"
  | "audit"
  | "incidents"
  | "compliance"
  | "mall"
  | "members"
  | "money"
  | "service"
  | "people"
  | "system";

export interface NavItem {
  group: NavGroupName;
  /** Message key of its label. */
  label: string;
  path: string;
  /** Shown only to those who may use it. */
  access: "anyone" | AnyCommand | AnyQuery;
  icon: string;
}

/** Something to try in the demo, for whoever may. */
export interface TourStep {
  label: MessageKey;
  path: string;
  /** The command or query that it is about. */
  access: AnyCommand | AnyQuery;
}

/** Work that goes on by itself, by schedule or when woken. It acts through the door, as `scheduler`. */
export interface Job {
  /** Dotted: `audit.witness_lag`. */
  name: string;
  /** Five-field cron in UTC; absent: only when woken. */
  cron?: string;
  run(work: JobContext, payload: Record<string, string>): Promise<void>;
}

export interface JobContext {
  door: Door;
  credential: Credential;
  signal: AbortSignal;
}

/** What a module offers the application. Everything the application knows of it, it reads here. */
export interface Module {
  name: string;
  commands: readonly AnyCommand[];
  queries: readonly AnyQuery[];
  routes: readonly Route[];
  /** Parameters that a policy document must give. */
  params: readonly Param<unknown>[];
  jobs: readonly Job[];
  /** Who carries the effects of this module's commands to the outside, by kind. */
  effects?: Readonly<Record<string, EffectHandler>>;
  nav: readonly NavItem[];
  /** The address of what somebody named by a number or an id in the global search; null for what is none of ours. */
  find?(page: Page, text: string): Promise<string | null>;
  /** What the first screen of the demo proposes to try. */
  tour?: readonly TourStep[];
  /** Loads a believable, partly troubled state into an empty demo, through the door. */
  demo?(world: DemoWorld): Promise<void>;
}

export interface DemoWorld {
  door: Door;
  /** Acts as the demo's person of that login, with both factors just shown. */
  as(login: string): Promise<Credential>;
  /** Passes a command as one of them; where its gate asks, they have shown both factors for this very input. */
  prove<I, R>(command: Command<I, R>, who: Credential, input: unknown): Promise<R>;
  now: Date;
}

export function defineModule(module: Module): Module {
  return module;
}
