import { isMessageKey, messages } from "../../views/messages/index.ts";
import { Id } from "../door/ids.ts";
import { Refusal } from "../door/refusal.ts";
import type { Tx } from "../door/tables.ts";
import type { Filter } from "./filter.ts";

/**
 * A filter with the ids that its words stand for: a login, a member's number. Refuses `invalid` at a word that names
 * nobody and nothing: a list without events would say that they did nothing.
 */
export async function resolved(tx: Tx, filter: Filter): Promise<Filter> {
  const { actor, target, action } = filter;
  const [actorId, targetId, isAction] = await Promise.all([
    actor === undefined ? undefined : actorOf(tx, actor),
    target === undefined ? undefined : targetOf(tx, target),
    action === undefined || isKnownAction(tx, action),
  ]);
  const issues = [
    ...(actorId === null ? [{ path: "filter.actor", code: "unknown_actor" }] : []),
    ...(targetId === null ? [{ path: "filter.target", code: "unknown_target" }] : []),
    ...(isAction ? [] : [{ path: "filter.action", code: "unknown_action" }]),
  ];
  if (issues.length > 0) throw new Refusal("invalid", "invalid", { issues });
  return {
    ...filter,
    ...(typeof actorId === "string" ? { actor: actorId } : {}),
    ...(typeof targetId === "string" ? { target: targetId } : {}),
  };
}

const isId = (word: string): boolean => Id.safeParse(word).success;

/** A colleague by login; or whatever acted under this very id: a job, a service. */
async function actorOf(tx: Tx, word: string): Promise<string | null> {
  if (isId(word)) return word.toLowerCase();
  return (await personOf(tx, word)) ?? ((await hasActed(tx, word)) ? word : null);
}

/** What the log names by this very id: a policy, a role; or else a member by number, a colleague by login. */
async function targetOf(tx: Tx, word: string): Promise<string | null> {
  if (isId(word)) return word.toLowerCase();
  if ((await typeOf(tx, word)) !== undefined) return word;
  return (await memberOf(tx, word)) ?? (await personOf(tx, word)) ?? null;
}

/** The id of the colleague with this login. */
export async function personOf(tx: Tx, login: string): Promise<string | undefined> {
  const row = await tx
    .selectFrom("access.person")
    .select("id")
    .where("login", "=", login.toLowerCase())
    .executeTakeFirst();
  return row?.id;
}

/**
 * The id of the member with this number. Read in the table, because the log's own labels have no index; nothing is
 * learnt by it that the events of this member do not say.
 */
export async function memberOf(tx: Tx, no: string): Promise<string | undefined> {
  const row = await tx
    .selectFrom("members.member")
    .select("id")
    .where("no", "=", no.toUpperCase())
    .executeTakeFirst();
  return row?.id;
}

/** Whether anything in the log was done under this id. */
export async function hasActed(tx: Tx, id: string): Promise<boolean> {
  const row = await tx
    .selectFrom("audit.log")
    .select("idx")
    .where("actor_id", "=", id)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** The type of the object that the log names by this id. */
export async function typeOf(tx: Tx, id: string): Promise<string | undefined> {
  const row = await tx
    .selectFrom("audit.log_target")
    .select("target_type")
    .where("target_id", "=", id)
    .limit(1)
    .executeTakeFirst();
  return row?.target_type;
}

/** Whether this console has such an action, or the log has one from an earlier version of it. */
export async function isKnownAction(tx: Tx, action: string): Promise<boolean> {
  return isMessageKey(`action.${action}`) || (await hasHappened(tx, action));
}

async function hasHappened(tx: Tx, action: string): Promise<boolean> {
  const row = await tx
    .selectFrom("audit.log")
    .select("idx")
    .where("action", "=", action)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

const ACTION = "action.";

/** The action that pages call so, in either language. Where two have one name, it is the one that has happened. */
export async function actionCalled(tx: Tx, text: string): Promise<string | undefined> {
  const wanted = text.toLowerCase();
  const named = Object.entries(messages).flatMap(([key, { "zh-CN": zh, en }]) =>
    key.startsWith(ACTION) && (zh === text || en.toLowerCase() === wanted) ? [key.slice(ACTION.length)] : [],
  );
  for (const action of named.slice(1)) if (await hasHappened(tx, action)) return action;
  return named[0];
}
