import type { Identify } from "../door/actor.ts";
import type { Clock } from "../door/clock.ts";
import type { Gate } from "../door/policy.ts";
import { Refusal } from "../door/refusal.ts";
import type { Tx } from "../door/tables.ts";
import { type Authenticate, type Authenticated, nobody, type Preferences } from "../platform/http/session.ts";
import type { GateKind } from "../platform/http/view.ts";
import type { PolicyInForce } from "../platform/policy/index.ts";
import type { Cookies } from "./cookies.ts";
import { beforeEnrolment, halfPages } from "./half.ts";
import { type Session, validateSession } from "./sessions.ts";
import type { AccessRuntime } from "./runtime.ts";
import type { TouchSession } from "./touch.ts";

export interface AuthenticateDeps {
  read: Tx;
  touchSession: TouchSession;
  clock: Clock;
  cookies: Cookies;
  identify: Identify;
  rules: PolicyInForce;
}

/** Who sends a request: cookie → session → person. Nobody, when the session has ended; never an error for that. */
export function authenticateBy(runtime: AccessRuntime): Authenticate {
  return async (c, route = {}) => {
    c.set("access", runtime);
    const token = runtime.cookies.session(c);
    const deps = route.unattended === true ? { ...runtime, touchSession: untouched } : runtime;
    const who = token === null ? nobody : await byToken(deps, token);
    return who.language === null ? { ...who, language: runtime.cookies.language(c) } : who;
  };
}

const untouched: TouchSession = async () => {};

/** The same for a token that was just made, whose cookie is not in the request yet. */
export async function byToken(deps: AuthenticateDeps, token: string): Promise<Authenticated> {
  const session = await validateSession(deps.read, deps.clock, token);
  return session === null ? nobody : await bySession(deps, session);
}

async function bySession(deps: AuthenticateDeps, session: Session): Promise<Authenticated> {
  const credential = { type: "session", person: session.person, session: session.id } as const;
  try {
    const [actor, preferences, rules] = await Promise.all([
      deps.identify(deps.read, credential, false),
      preferencesOf(deps.read, session.person),
      deps.rules(deps.read),
    ]);
    await deps.touchSession(session.handle, deps.clock.now());
    const gate = (command: string) => gateKind(rules.gate(command));
    const known = { credential, signIn: session.handle, gate, ...preferences };
    if (session.level === 2) return { ...known, actor, half: null };
    const next = actor.permissions === beforeEnrolment ? halfPages.enrolment : halfPages.code;
    return { ...known, actor: null, half: { next } };
  } catch (error) {
    if (error instanceof Refusal && error.kind === "denied") return nobody;
    throw error;
  }
}

function gateKind({ kind }: Gate): GateKind | null {
  return kind === "none" ? null : kind;
}

async function preferencesOf(db: Tx, person: string): Promise<Preferences> {
  const row = await db
    .selectFrom("access.preference")
    .select(["language", "theme", "density"])
    .where("person_id", "=", person)
    .executeTakeFirst();
  return row ?? { language: null, theme: "system", density: "comfortable" };
}
