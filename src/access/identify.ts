import { sql } from "kysely";
import type { Actor, Credential, Identify } from "../door/actor.ts";
import type { Clock } from "../door/clock.ts";
import { Refusal } from "../door/refusal.ts";
import type { Tx } from "../door/tables.ts";
import type { CompiledPolicy, PolicyInForce } from "../platform/policy/index.ts";
import { beforeCode, beforeEnrolment, duringSetup } from "./half.ts";
import { sessionIdleMinutes } from "./params.ts";

interface SessionRow {
  login: string;
  person_state: string;
  level: number;
  authenticated_at: Date;
  factor_at: Date | null;
  expires_at: Date;
  ended_at: Date | null;
  seen_at: Date;
  language: string | null;
  enrolled: boolean;
  set_up: boolean;
  grants: GrantRow[];
}

interface GrantRow {
  id: string;
  role: string;
  kind: string;
}

/**
 * Looks credentials up for the door. Session, person and grants are read in one statement, in a command FOR SHARE:
 * ending any of them and using it cannot both win. The same statement says whom the transaction is about (see
 * about.ts). Grants end by database time, in the query.
 */
export function identifyBy(rules: PolicyInForce, clock: Clock): Identify {
  return async (tx, credential, lock) => {
    switch (credential.type) {
      case "session":
        return await bySession(tx, credential, lock, rules, clock);
      case "scheduler":
        return service("scheduler", credential.job, (await rules(tx)).service("scheduler"));
      case "operator":
        return service("operator", credential.osUser, (await rules(tx)).service("operator"));
      case "anonymous":
        return service("anonymous", "anonymous", new Set());
      default:
        return unknown(credential);
    }
  };
}

/** Who a person would be right now, without a session: for approvals that run what somebody else asked for. */
export function personBy(rules: PolicyInForce): (tx: Tx, id: string) => Promise<Actor> {
  return async (tx, id) => {
    const [policy, person] = await together([
      rules(tx),
      sql<{ login: string; state: string; language: string | null; grants: GrantRow[] }>`
        SELECT p.login, p.state, r.language, ${grantsOfP(true)} AS grants
        FROM access.person p LEFT JOIN access.preference r ON r.person_id = p.id
        WHERE p.id = ${id} FOR SHARE OF p`.execute(tx),
    ]);
    const row = person.rows[0];
    if (row === undefined || row.state !== "active") throw new Refusal("denied", "colleague_disabled");
    return actorOf(policy, { id, login: row.login, language: row.language }, row.grants);
  };
}

async function bySession(
  tx: Tx,
  credential: Extract<Credential, { type: "session" }>,
  lock: boolean,
  rules: PolicyInForce,
  clock: Clock,
): Promise<Actor> {
  const [policy, sessions] = await together([rules(tx), sessionOf(tx, credential, lock)]);
  const row = sessions.rows[0];
  if (row === undefined || row.ended_at !== null) throw new Refusal("denied", "session_ended");
  if (row.person_state === "disabled") throw new Refusal("denied", "person_disabled");
  const now = clock.now().getTime();
  if (now >= row.expires_at.getTime()) throw new Refusal("denied", "session_ended");
  if (now - row.seen_at.getTime() >= policy.params(sessionIdleMinutes) * 60_000)
    throw new Refusal("denied", "session_idle");

  const person = { id: credential.person, login: row.login, language: row.language };
  const assurance = {
    session: credential.session,
    level: row.level === 2 ? (2 as const) : (1 as const),
    authenticatedAt: row.authenticated_at,
    factorAt: row.factor_at,
  };
  if (row.level < 2) {
    const permissions = row.enrolled ? beforeCode : beforeEnrolment;
    return { ...actorOf(policy, person, []), roles: [], permissions, assurance };
  }
  const actor = { ...actorOf(policy, person, row.grants), assurance };
  if (row.set_up) return actor;
  return { ...actor, permissions: new Set([...actor.permissions].filter((name) => duringSetup.has(name))) };
}

function sessionOf(tx: Tx, credential: { person: string; session: string }, lock: boolean) {
  return sql<SessionRow>`
    SELECT p.login, p.state AS person_state, s.level, s.authenticated_at, s.factor_at, s.expires_at, s.ended_at,
           greatest(s.created_at, a.last_seen_at) AS seen_at, r.language,
           s.level = 2 OR access.is_enrolled(p.id) AS enrolled,
           EXISTS (SELECT FROM access.setup WHERE closed_at IS NOT NULL) AS set_up,
           ${grantsOfP(lock)} AS grants
           ${lock ? sql`, set_config('gatehouse.about', p.id::text, true)` : sql``}
    FROM access.session s
    JOIN access.person p ON p.id = s.person_id
    LEFT JOIN access.activity a ON a.handle = s.handle
    LEFT JOIN access.preference r ON r.person_id = p.id
    WHERE s.id = ${credential.session} AND s.person_id = ${credential.person} ${shared(lock, sql`OF s, p`)}`.execute(
    tx,
  );
}

/** What the person of the row `p` holds now; eligibility is no right yet. */
function grantsOfP(lock: boolean) {
  return sql<GrantRow[]>`ARRAY(
             SELECT jsonb_build_object('id', g.id, 'role', g.role, 'kind', g.kind) FROM access.role_grant g
             WHERE g.person_id = p.id AND g.revoked_at IS NULL AND g.kind <> 'eligible'
               AND (g.expires_at IS NULL OR g.expires_at > now()) ${shared(lock, sql`OF g`)})`;
}

function shared(lock: boolean, of: ReturnType<typeof sql>) {
  return lock ? sql`FOR SHARE ${of}` : sql``;
}

function actorOf(
  policy: CompiledPolicy,
  person: { id: string; login: string; language: string | null },
  grants: readonly GrantRow[],
): Actor {
  const roles = grants.filter((grant) => grant.kind !== "break_glass").map((grant) => grant.role);
  const glass = grants.find((grant) => grant.kind === "break_glass")?.id ?? null;
  const held = policy.permissionsOf(roles);
  const added = glass === null ? [] : policy.access.break_glass.permissions;
  return {
    type: glass === null ? "user" : "break_glass",
    id: person.id,
    display: person.login,
    roles: [...new Set(roles)].sort(),
    permissions: new Set([...held, ...added]),
    assurance: null,
    breakGlass: glass,
    language: person.language === "en" ? "en" : "zh-CN",
  };
}

function service(
  type: "scheduler" | "operator" | "anonymous",
  id: string,
  permissions: ReadonlySet<string>,
): Actor {
  return {
    type,
    id,
    display: id,
    roles: [],
    permissions,
    assurance: null,
    breakGlass: null,
    language: "zh-CN",
  };
}

/** A kind of credential that this function does not know is nobody; adding one does not compile before it is handled. */
function unknown(credential: never): never {
  throw new Error(`no such credential: ${JSON.stringify(credential)}`);
}

/** Sends all at once and waits for all, so that no answer is still under way when the first refusal is thrown. */
async function together<T extends readonly unknown[]>(
  promises: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> {
  await Promise.allSettled(promises);
  // every promise has settled: this only unwraps, or throws the first rejection
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the order and the types are those of the promises
  return (await Promise.all(promises)) as unknown as T;
}
