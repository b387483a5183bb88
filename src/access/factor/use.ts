import type { RunContext } from "../../door/command.ts";
import { useRecoveryCode } from "./recovery.ts";
import { totpStep } from "./totp.ts";

/** The label of TOTP seeds in the vault; each opens for its person only. */
export const TOTP_LABEL = "staff.totp";

type Within = Pick<RunContext<unknown>, "tx" | "vault" | "now">;

/** Tries a code as the person's TOTP, then as a recovery code. Uses it up; null when it is neither, or locked. */
export async function useFactor(
  within: Within,
  person: string,
  code: string,
): Promise<"totp" | "recovery_code" | null> {
  const { tx, vault, now } = within;
  const factor = await tx
    .selectFrom("access.totp")
    .select(["id", "secret", "state", "last_step"])
    .where("person_id", "=", person)
    .where("state", "in", ["active", "locked"])
    .executeTakeFirst();
  if (factor === undefined || factor.state === "locked") return null;
  const secret = (await vault.unseal(tx, TOTP_LABEL, factor.secret, person)).toString();
  const step = totpStep(secret, code, now, factor.last_step);
  if (step !== null) return (await useStep(within, factor.id, step)) ? "totp" : null;
  return (await useRecoveryCode(tx, person, code, now)) ? "recovery_code" : null;
}

/** One statement: of two who show the same code, one finds the step already taken. */
async function useStep({ tx }: Within, factor: string, step: bigint): Promise<boolean> {
  const used = await tx
    .updateTable("access.totp")
    .set({ last_step: step })
    .where("id", "=", factor)
    .where("state", "=", "active")
    .where("last_step", "<", step)
    .executeTakeFirst();
  return used.numUpdatedRows === 1n;
}
