import { z } from "zod";
import { command } from "../../door/command.ts";
import { Refusal } from "../../door/refusal.ts";
import { notify, peopleWith } from "../notices/notify.ts";
import { factorLockAfter } from "../params.ts";
import { CountedCode } from "./attempt.ts";

/**
 * Locks the second factor after so many wrong codes in a row behind a right password: somebody has the password. Who
 * only knows a login cannot get here. Another person resets it, with four eyes.
 */
export const lockFactor = command({
  name: "access.factor.lock",
  // signing in works while the console is frozen, so guessing at it does too
  whileFrozen: true,
  input: z.strictObject({ attempt: CountedCode }),
  severity: 3,
  async run({ tx, actor, input, params, access, record, now }) {
    if (input.attempt.failures + 1 < params(factorLockAfter)) throw new Refusal("denied", "permission");
    const locked = await tx
      .updateTable("access.totp")
      .set({ state: "locked" })
      .where("person_id", "=", actor.id)
      .where("state", "=", "active")
      .executeTakeFirst();
    record.target({ type: "staff", id: actor.id, label: actor.display });
    record.change("factor", locked.numUpdatedRows === 1n ? "active" : "locked", "locked");
    const helpers = await peopleWith(tx, await access.rules(tx), "staff.reset_factor", actor.id);
    await notify(tx, now, [actor.id, ...helpers], {
      kind: "factor_locked",
      facts: { login: actor.display },
      href: `/staff/${actor.id}`,
    });
  },
});
