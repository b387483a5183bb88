import type { QueryContext, RunContext } from "../../door/command.ts";
import { Refusal } from "../../door/refusal.ts";
import { makeRecoveryCodes } from "./recovery.ts";
import { newTotpSecret, totpStep, totpUri } from "./totp.ts";
import { TOTP_LABEL } from "./use.ts";

type Within = Pick<RunContext<unknown>, "tx" | "vault" | "now" | "newId">;

/** Puts a new seed beside the one in use; it becomes a factor with its first right code. */
export async function startTotp({ tx, vault, now, newId }: Within, person: string): Promise<void> {
  await tx
    .updateTable("access.totp")
    .set({ state: "removed", ended_at: now })
    .where("person_id", "=", person)
    .where("state", "=", "pending")
    .execute();
  const secret = await vault.seal(tx, TOTP_LABEL, Buffer.from(newTotpSecret()), person);
  await tx
    .insertInto("access.totp")
    .values({ id: newId(), person_id: person, secret, created_at: now })
    .execute();
}

/** The seed that waits for its first code, for the QR code and for typing; null when there is none. */
export async function pendingTotp(
  { tx, vault }: Pick<QueryContext<unknown>, "tx" | "vault">,
  person: string,
  login: string,
): Promise<{ secret: string; uri: string } | null> {
  const row = await tx
    .selectFrom("access.totp")
    .select("secret")
    .where("person_id", "=", person)
    .where("state", "=", "pending")
    .executeTakeFirst();
  if (row === undefined) return null;
  const secret = (await vault.unseal(tx, TOTP_LABEL, row.secret, person)).toString();
  return { secret, uri: totpUri(secret, login) };
}

/** Makes the waiting seed the factor, with a right code, and gives new recovery codes. Refuses `invalid` at `code`. */
export async function confirmTotp(within: Within, person: string, code: string): Promise<string[]> {
  const { tx, vault, now } = within;
  const pending = await tx
    .selectFrom("access.totp")
    .select(["id", "secret"])
    .where("person_id", "=", person)
    .where("state", "=", "pending")
    .forUpdate()
    .executeTakeFirst();
  if (pending === undefined) throw new Refusal("conflict", "factor_gone");
  const secret = (await vault.unseal(tx, TOTP_LABEL, pending.secret, person)).toString();
  const step = totpStep(secret, code, now, 0n);
  if (step === null)
    throw new Refusal("invalid", "invalid", { issues: [{ path: "code", code: "code_wrong" }] });
  await tx
    .updateTable("access.totp")
    .set({ state: "removed", ended_at: now })
    .where("person_id", "=", person)
    .where("state", "in", ["active", "locked"])
    .execute();
  await tx
    .updateTable("access.totp")
    .set({ state: "active", confirmed_at: now, last_step: step })
    .where("id", "=", pending.id)
    .execute();
  return await makeRecoveryCodes(tx, person, now);
}
