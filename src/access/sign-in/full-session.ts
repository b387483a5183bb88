import type { RunContext } from "../../door/command.ts";
import { Refusal } from "../../door/refusal.ts";
import type { Tx } from "../../door/tables.ts";
import { notify } from "../notices/notify.ts";
import { sessionAbsoluteHours, sessionsPerPerson } from "../params.ts";
import { endSession, renewSession, type Session } from "../sessions.ts";
import { rememberDevice } from "./devices.ts";

/** What a browser gets after both factors. */
export interface SignedIn {
  token: string;
  /** Set when the browser was not known before. */
  device: string | null;
}

type Within = Pick<RunContext<unknown>, "tx" | "actor" | "params" | "now" | "newId">;

/** Turns the pending session of the actor into a full one: a new id, both factors, the absolute limit from now. */
export async function openFullSession(within: Within, device: string | null): Promise<SignedIn> {
  const { tx, actor, params, now } = within;
  const pending = await liveSession(tx, actor.assurance?.session ?? "");
  const remembered = device === null ? await rememberDevice(within, actor.id, pending.agent) : null;
  const renewed = await renewSession(tx, { now: () => now }, pending, {
    level: 2,
    factorAt: now,
    authenticatedAt: pending.authenticatedAt,
    expiresAt: new Date(now.getTime() + params(sessionAbsoluteHours) * 3_600_000),
    device: device ?? remembered?.id ?? null,
  });
  if (renewed === null) throw new Refusal("denied", "session_ended");
  await crowdOut(within, renewed.id);
  return { token: renewed.token, device: remembered?.token ?? null };
}

/** A live session by its stored id. The caller's own is locked already, by the door. */
export async function liveSession(tx: Tx, id: string): Promise<Session> {
  const row = await tx
    .selectFrom("access.session")
    .selectAll()
    .where("id", "=", id)
    .where("ended_at", "is", null)
    .executeTakeFirst();
  if (row === undefined) throw new Refusal("denied", "session_ended");
  return {
    id: row.id,
    handle: row.handle,
    person: row.person_id,
    level: row.level === 2 ? 2 : 1,
    authenticatedAt: row.authenticated_at,
    factorAt: row.factor_at,
    expiresAt: row.expires_at,
    address: row.address,
    agent: row.agent,
    device: row.device_id,
  };
}

/** More sessions than the policy allows: the oldest end, and the person is told. */
async function crowdOut({ tx, actor, params, now }: Within, keep: string): Promise<void> {
  const live = await tx
    .selectFrom("access.session")
    .select("id")
    .where("person_id", "=", actor.id)
    .where("level", "=", 2)
    .where("ended_at", "is", null)
    .where("expires_at", ">", now)
    .where("id", "!=", keep)
    .orderBy("authenticated_at", "desc")
    .execute();
  const over = live.slice(params(sessionsPerPerson) - 1);
  for (const { id } of over) await endSession(tx, { now: () => now }, id, "too_many");
  if (over.length > 0)
    await notify(tx, now, [actor.id], {
      kind: "session_crowded_out",
      facts: { count: over.length },
      href: "/me",
    });
}
