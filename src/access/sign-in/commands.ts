import { z } from "zod";
import { command } from "../../door/command.ts";
import { Id } from "../../door/ids.ts";
import { Refusal } from "../../door/refusal.ts";
import { about } from "../about.ts";
import { CountedCode } from "../factor/attempt.ts";
import { recoveryCodesLeft } from "../factor/recovery.ts";
import { useFactor } from "../factor/use.ts";
import { notify } from "../notices/notify.ts";
import { failuresWorthTelling, pendingSessionMinutes } from "../params.ts";
import { CheckedPassword, stillRight } from "../password/check.ts";
import { storePassword } from "../password/new-password.ts";
import { createSession, endSession, newHandle } from "../sessions.ts";
import { openFullSession } from "./full-session.ts";

/** Where a session lives, as the person will recognise it on their sessions page. */
const Where = { address: z.string().max(64), agent: z.string().max(200) };

/**
 * The first factor: a right password opens a pending session, which reaches nothing but the page of the second factor.
 * Every no is the same no.
 */
export const signIn = command({
  name: "access.sign_in",
  shownOnce: true,
  whileFrozen: true,
  input: z.strictObject({ check: CheckedPassword, ...Where }),
  crud: "c",
  anonymous: true,
  target: ({ check }) => (check.person === null ? null : { type: "staff", id: check.person }),
  async run({ tx, input, params, record, now }) {
    const { check } = input;
    const person = check.person ?? "";
    if (check.right) await about(tx, person);
    const row = check.right
      ? await tx
          .selectFrom("access.person")
          .select(["login", "state"])
          .where("id", "=", person)
          .forShare()
          .executeTakeFirst()
      : undefined;
    if (row === undefined || row.state === "disabled" || !(await stillRight(tx, check, person)))
      throw new Refusal("denied", "sign_in_failed");
    if (check.rehashed !== null) await storePassword(tx, person, check.rehashed, now);
    record.target({ type: "staff", id: person, label: row.login });
    const clock = { now: () => now };
    const token = await createSession(tx, clock, {
      person,
      handle: newHandle(clock),
      level: 1,
      authenticatedAt: now,
      factorAt: null,
      expiresAt: new Date(now.getTime() + params(pendingSessionMinutes) * 60_000),
      address: input.address,
      agent: input.agent,
      device: null,
    });
    if (check.failures >= params(failuresWorthTelling))
      await notify(tx, now, [person], {
        kind: "signed_in_after_failures",
        facts: { count: check.failures },
        href: "/me",
      });
    return { token };
  },
});

/** The second factor: a TOTP code or a recovery code. A malformed code is a wrong one. */
export const signInCode = command({
  name: "access.sign_in.code",
  shownOnce: true,
  whileFrozen: true,
  input: z.strictObject({ attempt: CountedCode, device: Id.nullable() }),
  crud: "c",
  async run(context) {
    const { tx, actor, input, params, record, now } = context;
    record.target({ type: "staff", id: actor.id, label: actor.display });
    const factor = await useFactor(context, actor.id, input.attempt.code());
    if (factor === null) throw new Refusal("denied", "code_wrong");
    record.fact("factor", factor);
    if (factor === "recovery_code") {
      const left = await recoveryCodesLeft(tx, actor.id);
      await notify(tx, now, [actor.id], { kind: "recovery_code_used", facts: { left }, href: "/me" });
      record.severity(2);
    }
    if (input.attempt.failures >= params(failuresWorthTelling))
      await notify(tx, now, [actor.id], {
        kind: "signed_in_after_failures",
        facts: { count: input.attempt.failures },
        href: "/me",
      });
    return await openFullSession(context, input.device);
  },
});

/** Ends the session that asks. */
export const signOut = command({
  name: "access.sign_out",
  whileFrozen: true,
  input: z.strictObject({}),
  crud: "d",
  async run({ tx, actor, record, now }) {
    record.target({ type: "staff", id: actor.id, label: actor.display });
    await endSession(tx, { now: () => now }, actor.assurance?.session ?? "", "sign_out");
  },
});
