import { sql } from "kysely";
import type { RunContext } from "../../door/command.ts";
import { Refusal } from "../../door/refusal.ts";
import type { Tx } from "../../door/tables.ts";
import { linkMinutes } from "../params.ts";
import { randomToken, sha256 } from "../secrets.ts";

export type LinkKind = "setup" | "invite" | "reset";

type Within = Pick<RunContext<unknown>, "tx" | "actor" | "params" | "now" | "newId">;

/** A secret that is shown once, and until when it works. */
export interface MadeLink {
  token: string;
  expiresAt: Date;
}

/** Makes a one-time link for a person (or for the first set-up), and kills the older ones. */
export async function makeLink(within: Within, kind: LinkKind, person: string | null): Promise<MadeLink> {
  const { tx, actor, params, now, newId } = within;
  await revokeLinks(tx, person, now);
  const token = randomToken();
  const expiresAt = new Date(now.getTime() + params(linkMinutes) * 60_000);
  await tx
    .insertInto("access.link")
    .values({
      id: newId(),
      kind,
      person_id: person,
      token_hash: sha256(token),
      created_by: actor.id,
      created_at: now,
      expires_at: expiresAt,
    })
    .execute();
  return { token, expiresAt };
}

/** Kills the open links of a person; null: those of the first set-up. */
export async function revokeLinks(tx: Tx, person: string | null, now: Date): Promise<void> {
  await tx
    .updateTable("access.link")
    .set({ revoked_at: now })
    .where("person_id", person === null ? "is" : "=", person)
    .where("used_at", "is", null)
    .where("revoked_at", "is", null)
    .execute();
}

/** Uses a link up, in one statement: of two who have it one wins. Refuses `not-found` for any other token. */
export async function useLink(
  tx: Tx,
  token: string,
  kinds: readonly LinkKind[],
  now: Date,
): Promise<{ kind: LinkKind; person: string | null }> {
  const used = await tx
    .updateTable("access.link")
    .set({ used_at: now })
    .where("token_hash", "=", sha256(token))
    .where("kind", "in", [...kinds])
    .where("used_at", "is", null)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", now)
    .returning(["kind", "person_id"])
    .executeTakeFirst();
  if (used === undefined) throw new Refusal("not-found", "link_gone");
  return { kind: used.kind, person: used.person_id };
}

/** Whom an open link is for, before it is used; null when it works no more. Looking uses nothing up. */
export async function linkOf(
  db: Tx,
  token: string,
  now: Date,
): Promise<{ kind: LinkKind; login: string; name: string } | null> {
  const { rows } = await sql<{ kind: LinkKind; login: string | null; name: string | null }>`
    SELECT kind, login, name FROM access.link_of(${sha256(token)}, ${now})`.execute(db);
  const row = rows[0];
  return row === undefined ? null : { kind: row.kind, login: row.login ?? "", name: row.name ?? "" };
}
