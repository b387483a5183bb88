import type { Identify } from "../door/actor.ts";
import type { Clock } from "../door/clock.ts";
import { Refusal } from "../door/refusal.ts";
import type { Tx } from "../door/tables.ts";
import type { Authenticate, Authenticated, Preferences } from "../platform/http/session.ts";
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
}

const nobody: Authenticated = {
  credential: { type: "anonymous" },
  actor: null,
  half: null,
  language: null,
  theme: "system",
  density: "comfortable",
};

/** Who sends a request: cookie → session → person. Nobody, when the session has ended; never an error for that. */
export function authenticateBy(runtime: AccessRuntime): Authenticate {
  return async (c) => {
    c.set("access", runtime);
    const token = runtime.cookies.session(c);
    const who = token === null ? nobody : await byToken(runtime, token);
    return who.language === null ? { ...who, language: runtime.cookies.language(c) } : who;
  };
}

/** The same for a token that was just made, whose cookie is not in the request yet. */
export async function byToken(deps: AuthenticateDeps, token: string): Promise<Authenticated> {
  const session = await validateSession(deps.read, deps.clock, token);
  return session === null ? nobody : await bySession(deps, session);
}

async function bySession(deps: AuthenticateDeps, session: Session): Promise<Authenticated> {
  const credential = { type: "session", person: session.person, session: session.id } as const;
  try {
    const [actor, preferences] = await Promise.all([
      deps.identify(deps.read, credential, false),
      preferencesOf(deps.read, session.person),
    ]);
    await deps.touchSession(session.handle, deps.clock.now());
    if (session.level === 2) return { credential, actor, half: null, ...preferences };
    const next = actor.permissions === beforeEnrolment ? halfPages.enrolment : halfPages.code;
    return { credential, actor: null, half: { next }, ...preferences };
  } catch (error) {
    if (error instanceof Refusal && error.kind === "denied") return nobody;
    throw error;
  }
}

async function preferencesOf(db: Tx, person: string): Promise<Preferences> {
  const row = await db
    .selectFrom("access.preference")
    .select(["language", "theme", "density"])
    .where("person_id", "=", person)
    .executeTakeFirst();
  return row ?? { language: null, theme: "system", density: "comfortable" };
}
