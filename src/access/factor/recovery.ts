import type { RunContext } from "../../door/command.ts";
import type { Tx } from "../../door/tables.ts";
import { uuidv7 } from "../../door/ids.ts";
import { recoveryCodes } from "../params.ts";
import { randomBase32, sha256 } from "../secrets.ts";

/** 24 base32 characters are 120 bits, above the 112 that may be stored under a plain hash (ASVS 6.5.2). */
const LENGTH = 24;

/** Makes so many new recovery codes as the policy says and kills the old ones. Shown once, and stored nowhere. */
export async function makeRecoveryCodes(
  { tx, params, now }: Pick<RunContext<unknown>, "tx" | "params" | "now">,
  person: string,
): Promise<string[]> {
  await tx
    .updateTable("access.recovery_code")
    .set({ replaced_at: now })
    .where("person_id", "=", person)
    .where("used_at", "is", null)
    .where("replaced_at", "is", null)
    .execute();
  const codes = Array.from({ length: params(recoveryCodes) }, () => randomBase32(LENGTH));
  await tx
    .insertInto("access.recovery_code")
    .values(
      codes.map((code) => ({
        id: uuidv7(now.getTime()),
        person_id: person,
        code_hash: sha256(code),
        created_at: now,
      })),
    )
    .execute();
  return codes.map(grouped);
}

/** Uses a code up. One statement, so that of two who have it one wins. */
export async function useRecoveryCode(tx: Tx, person: string, typed: string, now: Date): Promise<boolean> {
  const code = plain(typed);
  if (code === null) return false;
  const used = await tx
    .updateTable("access.recovery_code")
    .set({ used_at: now })
    .where("person_id", "=", person)
    .where("code_hash", "=", sha256(code))
    .where("used_at", "is", null)
    .where("replaced_at", "is", null)
    .executeTakeFirst();
  return used.numUpdatedRows === 1n;
}

export async function recoveryCodesLeft(db: Tx, person: string): Promise<number> {
  const { left } = await db
    .selectFrom("access.recovery_code")
    .select((eb) => eb.fn.countAll<bigint>().as("left"))
    .where("person_id", "=", person)
    .where("used_at", "is", null)
    .where("replaced_at", "is", null)
    .executeTakeFirstOrThrow();
  return Number(left);
}

/** As they are shown: six groups of four. */
function grouped(code: string): string {
  return code.match(/.{4}/g)?.join("-") ?? code;
}

/** As they are stored; null for what cannot be one. */
function plain(typed: string): string | null {
  const code = typed.replaceAll(/[\s-]/g, "").toUpperCase();
  return /^[A-Z2-7]{24}$/.test(code) ? code : null;
}
