import { type Adapter, type DatabaseSession, type DatabaseUser, Lucia, TimeSpan } from "lucia";
import type { Clock } from "../door/clock.ts";
import type { Tx } from "../door/tables.ts";
import { uuidv7 } from "../door/ids.ts";
import { sha256 } from "./secrets.ts";

/*
 * Sessions, and the only file that knows lucia. Upstream has ended: whatever comes after it has to pass
 * test/access/sessions.contract.ts.
 *
 * The token is in the cookie and nowhere else; the row's id is its SHA-256. lucia's expiry is a true absolute limit here
 * because moving it does nothing, and nothing is deleted while validating, because a GET changes nothing.
 */

/** What a new session is, beside its token. */
export interface SessionFacts {
  person: string;
  /** The public name of a sign-in: it stays when the token is renewed. */
  handle: string;
  level: 1 | 2;
  authenticatedAt: Date;
  factorAt: Date | null;
  expiresAt: Date;
  address: string;
  agent: string;
  device: string | null;
}

export interface Session extends SessionFacts {
  /** SHA-256 of the token, in hex: the row's id. */
  id: string;
}

export type EndedBecause = "sign_out" | "renewed" | "ended" | "too_many" | "disabled" | "credentials";

/** The id under which the session of this token is stored. */
export function sessionId(token: string): string {
  return sha256(token).toString("hex");
}

/** Starts a session and gives its token (200 bits), which exists nowhere else. */
export async function createSession(tx: Tx, clock: Clock, facts: SessionFacts): Promise<string> {
  const session = await lucia(writing(tx, clock, facts)).createSession(facts.person, {});
  return session.id;
}

/** The session of a token, or null: unknown, ended, or past its absolute limit. Reads only. */
export async function validateSession(db: Tx, clock: Clock, token: string): Promise<Session | null> {
  let found: Session | null = null;
  const adapter = reading(db, clock, (session) => (found = session));
  const { session } = await lucia(adapter).validateSession(token);
  return session === null ? null : found;
}

/** Ends one session. Gives false when it had ended already. */
export async function endSession(tx: Tx, clock: Clock, id: string, because: EndedBecause): Promise<boolean> {
  const ended = await tx
    .updateTable("access.session")
    .set({ ended_at: clock.now(), ended_because: because })
    .where("id", "=", id)
    .where("ended_at", "is", null)
    .executeTakeFirst();
  return ended.numUpdatedRows === 1n;
}

/** Ends every session of a person, but for `except`. Gives how many. */
export async function endSessionsOf(
  tx: Tx,
  clock: Clock,
  person: string,
  because: EndedBecause,
  except?: string,
): Promise<number> {
  let ending = tx
    .updateTable("access.session")
    .set({ ended_at: clock.now(), ended_because: because })
    .where("person_id", "=", person)
    .where("ended_at", "is", null);
  if (except !== undefined) ending = ending.where("id", "!=", except);
  return Number((await ending.executeTakeFirst()).numUpdatedRows);
}

/**
 * A new token for the same sign-in; the old one is dead at once (ASVS 7.2.4). The absolute limit stays where it was,
 * unless `expiresAt` sets it: from pending to full.
 */
export async function renewSession(
  tx: Tx,
  clock: Clock,
  old: Session,
  changes: Partial<SessionFacts>,
): Promise<{ token: string; id: string } | null> {
  if (!(await endSession(tx, clock, old.id, "renewed"))) return null;
  const { id: _, ...facts } = old;
  const token = await createSession(tx, clock, { ...facts, ...changes });
  return { token, id: sessionId(token) };
}

/** A handle for a new sign-in. */
export function newHandle(clock: Clock): string {
  return uuidv7(clock.now().getTime());
}

function lucia(adapter: Adapter): Lucia {
  return new Lucia(adapter, {
    // never used for a row: `setSession` stores the limit that the policy gives
    sessionExpiresIn: new TimeSpan(8, "h"),
    sessionCookie: { expires: false },
  });
}

/** lucia reads the machine's clock; ours may be injected. It gets the time that is left, counted from its own now. */
function onItsClock(expiresAt: Date, clock: Clock): Date {
  return new Date(new Date().getTime() + (expiresAt.getTime() - clock.now().getTime()));
}

const refuse = (): never => {
  throw new Error("this adapter does not do that: see access/sessions.ts");
};

function reading(db: Tx, clock: Clock, tell: (session: Session) => void): Adapter {
  return {
    async getSessionAndUser(token): Promise<[DatabaseSession | null, DatabaseUser | null]> {
      const row = await db
        .selectFrom("access.session")
        .selectAll()
        .where("id", "=", sessionId(token))
        .where("ended_at", "is", null)
        .executeTakeFirst();
      if (row === undefined) return [null, null];
      tell({
        id: row.id,
        person: row.person_id,
        handle: row.handle,
        level: row.level === 2 ? 2 : 1,
        authenticatedAt: row.authenticated_at,
        factorAt: row.factor_at,
        expiresAt: row.expires_at,
        address: row.address,
        agent: row.agent,
        device: row.device_id,
      });
      const expiresAt = onItsClock(row.expires_at, clock);
      return [
        { id: token, userId: row.person_id, expiresAt, attributes: {} },
        { id: row.person_id, attributes: {} },
      ];
    },
    // Validating changes nothing: an expired row stays until the sweep, and the absolute limit does not move.
    deleteSession: async () => {},
    updateSessionExpiration: async () => {},
    getUserSessions: refuse,
    setSession: refuse,
    deleteUserSessions: refuse,
    deleteExpiredSessions: refuse,
  };
}

function writing(tx: Tx, clock: Clock, facts: SessionFacts): Adapter {
  return {
    async setSession({ id: token, userId }) {
      await tx
        .insertInto("access.session")
        .values({
          id: sessionId(token),
          handle: facts.handle,
          person_id: userId,
          level: facts.level,
          authenticated_at: facts.authenticatedAt,
          factor_at: facts.factorAt,
          created_at: clock.now(),
          expires_at: facts.expiresAt,
          address: facts.address,
          agent: facts.agent,
          device_id: facts.device,
        })
        .execute();
    },
    updateSessionExpiration: async () => {},
    getSessionAndUser: refuse,
    getUserSessions: refuse,
    deleteSession: refuse,
    deleteUserSessions: refuse,
    deleteExpiredSessions: refuse,
  };
}
