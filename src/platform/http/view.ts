import type { Gate } from "../../door/policy.ts";
import type { NavGroupName } from "../module.ts";
import type { Formats, Language, Translate } from "../i18n/index.ts";

/**
 * The words and signs that the pages have: `message` is every message key, `icon` every icon name. Filled by
 * declaration merging in `views/context.ts`, so that handlers name them checked and the platform knows no page.
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- filled by `declare module` in views
export interface Vocabulary {}

/** Names a text in both languages. */
export type MessageKey = Vocabulary extends { message: infer Key extends string } ? Key : string;
/** Names a sign of the icon sprite. */
export type IconName = Vocabulary extends { icon: infer Name extends string } ? Name : string;

/** What is asked before a command runs: a fresh proof of identity, or a second person. */
export type GateKind = Exclude<Gate["kind"], "none">;

export type Theme = "system" | "light" | "dark";
export type Density = "comfortable" | "compact";

export interface NavItem {
  label: string;
  href: string;
  icon?: IconName;
  /** How many things wait here; nothing is shown for 0. */
  count?: number;
}

/** Only what the person may open. A group without items is left out. */
export interface NavGroup {
  name: NavGroupName;
  items: readonly NavItem[];
}

/** A line above every page: an incident in force, a drill, read-only mode, break-glass, the demo. */
export interface Banner {
  kind: "incident" | "drill" | "read-only" | "break-glass" | "demo";
  text: string;
  href?: string;
}

/** What the last action came to, shown once. */
export interface Notice {
  tone: "good" | "warn" | "bad" | "info";
  text: string;
}

export interface Viewer {
  name: string;
  /** Already in the viewer's language. */
  roles: readonly string[];
  /** For hiding what would be refused. It decides nothing: the door does. */
  can(permission: string): boolean;
  /** What the policy in force asks before a command runs, for the mark on its button. */
  gate(command: string): GateKind | null;
}

/** Everything a view knows about the request it answers. Handed on explicitly, as the property `v`. */
export interface ViewContext {
  t: Translate<MessageKey>;
  format: Formats;
  language: Language;
  theme: Theme;
  density: Density;
  /** The nonce of this response's content security policy. */
  nonce: string;
  /** The fingerprinted address of an asset: `asset("app.css")`. Throws on a name that does not exist. */
  asset(name: string): string;
  /** The token that every form carries. */
  csrf: string;
  /** A new key for one form: sent twice, it acts once. */
  formKey(): string;
  /** Path and query of this request, for "here" and for coming back. */
  path: string;
  requestId: string;
  now: Date;
  /** IANA name of the zone times are shown in. */
  timezone: string;
  viewer?: Viewer;
  nav: readonly NavGroup[];
  banners: readonly Banner[];
  notices: readonly Notice[];
  /** True when htmx asked: the page answers with its content and leaves the frame out. */
  fragment: boolean;
}

/** The request's part of a view context; translator and formats follow from language and zone. */
export type ViewContextInput = Omit<ViewContext, "t" | "format" | "formKey" | "timezone" | "notices"> & {
  timezone?: string;
  notices?: readonly Notice[];
};

/** Makes the context of one response. The pages provide it, because they hold the texts. */
export type MakeView = (input: ViewContextInput) => ViewContext;
