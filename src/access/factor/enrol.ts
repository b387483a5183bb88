import { sql } from "kysely";
import type { Actor } from "../../door/actor.ts";
import type { QueryContext, RunContext } from "../../door/command.ts";
import { Refusal } from "../../door/refusal.ts";
import type { Tx } from "../../door/tables.ts";
import { makeRecoveryCodes } from "./recovery.ts";
import { newTotpSecret, totpStep, totpUri } from "./totp.ts";
import { TOTP_LABEL } from "./use.ts";

type Within = Pick<RunContext<unknown>, "tx" | "vault" | "actor" | "params" | "now" | "newId">;

/**
 * Puts a new seed beside the actor's one in use; it becomes a factor with its first right code, within these minutes and
 * in this session: what was proved before it began is not lent to whoever finds it half done.
 */
export async function startTotp({ tx, vault, actor, now, newId }: Within, minutes: number): Promise<void> {
  await tx
    .updateTable("access.totp")
    .set({ state: "removed", ended_at: now })
    .where("person_id", "=", actor.id)
    .where("state", "=", "pending")
    .execute();
  const secret = await vault.seal(tx, TOTP_LABEL, Buffer.from(newTotpSecret()), actor.id);
  await tx
    .insertInto("access.totp")
    .values({
      id: newId(),
      person_id: actor.id,
      secret,
      created_at: now,
      asked_by: handleOf(actor),
      expires_at: new Date(now.getTime() + minutes * 60_000),
    })
    .execute();
}

/** The actor's seed that waits for its first code, for the QR code and for typing; null when there is none. */
export async function pendingTotp({
  tx,
  vault,
  actor,
  now,
}: Pick<QueryContext<unknown>, "tx" | "vault" | "actor" | "now">): Promise<{
  secret: string;
  uri: string;
} | null> {
  const { rows } = await sql<{ sealed: string | null }>`
    SELECT access.pending_seed(${actor.assurance?.session ?? ""}, ${now}) AS sealed`.execute(tx);
  const sealed = rows[0]?.sealed ?? null;
  if (sealed === null) return null;
  const secret = (await vault.unseal(tx, TOTP_LABEL, sealed, actor.id)).toString();
  return { secret, uri: totpUri(secret, actor.display) };
}

/** Makes the waiting seed the factor, with a right code, and gives new recovery codes. Refuses `invalid` at `code`. */
export async function confirmTotp(within: Within, code: string): Promise<string[]> {
  const { tx, vault, actor, now } = within;
  const pending = await pendingOf(tx, actor, now).forUpdate().executeTakeFirst();
  if (pending === undefined) throw new Refusal("conflict", "factor_gone");
  const secret = (await vault.unseal(tx, TOTP_LABEL, pending.secret, actor.id)).toString();
  const step = totpStep(secret, code, now, 0n);
  if (step === null)
    throw new Refusal("invalid", "invalid", { issues: [{ path: "code", code: "code_wrong" }] });
  await tx
    .updateTable("access.totp")
    .set({ state: "removed", ended_at: now })
    .where("person_id", "=", actor.id)
    .where("state", "in", ["active", "locked"])
    .execute();
  await tx
    .updateTable("access.totp")
    .set({ state: "active", confirmed_at: now, last_step: step })
    .where("id", "=", pending.id)
    .execute();
  return await makeRecoveryCodes(within, actor.id);
}

/** Seeds that nobody can confirm any more are put away: their time or their session is over. Gives how many. */
export async function dropStaleSeeds(tx: Tx, now: Date): Promise<number> {
  const { rows } = await sql<{ dropped: bigint }>`SELECT access.drop_stale_seeds(${now}) AS dropped`.execute(
    tx,
  );
  return Number(rows[0]?.dropped ?? 0n);
}

function pendingOf(tx: Tx, actor: Actor, now: Date) {
  return tx
    .selectFrom("access.totp")
    .select(["id", "secret"])
    .where("person_id", "=", actor.id)
    .where("state", "=", "pending")
    .where("expires_at", ">", now)
    .where("asked_by", "=", handleOf(actor));
}

/** A renewed session keeps its handle: signing in with the code that a step-up asks for loses no seed. */
function handleOf(actor: Actor) {
  const session = actor.assurance?.session ?? "";
  return sql<string>`(SELECT handle FROM access.session WHERE id = ${session})`;
}
