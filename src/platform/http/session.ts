import type { Context } from "hono";
import type { Actor, Credential } from "../../door/actor.ts";
import type { StepUpNeed } from "../../door/refusal.ts";
import type { RequestFacts } from "../../door/event.ts";
import type { Language } from "../i18n/index.ts";
import type { Binding } from "./csrf.ts";
import type { HttpEnv } from "./env.ts";
import type { Density, GateKind, Theme } from "./view.ts";

/** How a person wants to be shown things. Without a person: what the browser asks for. */
export interface Preferences {
  /** Null: nobody chose, `Accept-Language` decides. */
  language: Language | null;
  theme: Theme;
  density: Density;
  /** IANA name; null is the mall's zone. */
  timezone?: string | null;
}

/** Who sends a request, as far as the cookie shows. */
export interface Authenticated extends Preferences {
  /** `session` from the first factor on, `anonymous` before. */
  credential: Credential;
  /** Set with both factors only. */
  actor: Actor | null;
  /** Set between the factors: the page that has to be passed next. */
  half: { next: string } | null;
  /** The name of the sign-in, which stays when a step-up renews the session: forms on other screens outlive it. */
  signIn?: string;
  /** What the policy in force asks before a command runs. */
  gate(command: string): GateKind | null;
}

/**
 * Looks the cookie up, and notes that the session was active unless the route says that nobody need be there. Throws only
 * when the look-up itself fails, which ends the request: nobody passes unknown.
 */
export type Authenticate = (c: Context<HttpEnv>, route?: { unattended?: boolean }) => Promise<Authenticated>;

/** What the person typed into the step-up form. */
export interface StepUpProof {
  c: Context<HttpEnv>;
  who: Authenticated;
  need: StepUpNeed;
  /** Empty where `fresh` asks for the code alone. */
  password: string;
  code: string;
  request: RequestFacts;
}

/**
 * Checks a step-up and gives who the person is from now on: the session id is renewed and its cookie set.
 * Refuses `step-up-required` with a code of its own when the proof is wrong (the form is shown again with that
 * message) and `throttled` when there were too many.
 */
export type StepUp = (proof: StepUpProof) => Promise<Authenticated>;

/** What the tokens of a session's forms are bound to; null where there is no session. */
export function sessionBinding({ credential, signIn }: Authenticated): Binding | null {
  if (credential.type !== "session") return null;
  return { to: signIn ?? credential.session, person: credential.person };
}

export const nobody: Authenticated = {
  credential: { type: "anonymous" },
  actor: null,
  half: null,
  gate: () => null,
  language: null,
  theme: "system",
  density: "comfortable",
};
