import { z } from "zod";
import { command, query } from "../../door/command.ts";
import { Id } from "../../door/ids.ts";
import { notify } from "../notices/notify.ts";
import { boundStepUpMinutes, pendingSessionMinutes } from "../params.ts";
import { endSessionsOf } from "../sessions.ts";
import { closeSetupWhenComplete } from "../setup/commands.ts";
import { openFullSession } from "../sign-in/full-session.ts";
import { CountedCode } from "./attempt.ts";
import { confirmTotp, pendingTotp, startTotp } from "./enrol.ts";
import { makeRecoveryCodes } from "./recovery.ts";

const Nothing = z.strictObject({});

/** Before the first sign-in with both factors: makes the seed for the QR code. */
export const startEnrolment = command({
  name: "access.enrol.start",
  input: Nothing,
  crud: "c",
  async run(context) {
    context.record.target({ type: "staff", id: context.actor.id, label: context.actor.display });
    // no longer than the session between the factors, which bears it
    await startTotp(context, context.params(pendingSessionMinutes));
  },
});

export const viewEnrolment = query({
  name: "access.enrol.view",
  input: Nothing,
  run: async (context) => await pendingTotp(context),
});

/** A right code makes the seed a factor and the pending session a full one. The recovery codes are shown once. */
export const confirmEnrolment = command({
  name: "access.enrol.confirm",
  shownOnce: true,
  input: z.strictObject({ attempt: CountedCode, device: Id.nullable() }),
  crud: "c",
  severity: 2,
  async run(context) {
    const { tx, actor, input, record, now } = context;
    record.target({ type: "staff", id: actor.id, label: actor.display });
    const codes = await confirmTotp(context, input.attempt.code());
    const person = await tx
      .updateTable("access.person")
      .set({ state: "active" })
      .where("id", "=", actor.id)
      .where("state", "=", "invited")
      .executeTakeFirst();
    if (person.numUpdatedRows === 1n) record.change("state", "invited", "active");
    const signedIn = await openFullSession(context, input.device);
    record.fact("setup_closed", await closeSetupWhenComplete(tx, now));
    return { ...signedIn, codes };
  },
});

/**
 * A new authenticator in place of the old one, which works until the new one has shown a right code. The bound step-up
 * before it holds for what it begins: the seed waits no longer, and for no other session.
 */
export const startReplacement = command({
  name: "access.totp.start",
  input: Nothing,
  crud: "c",
  severity: 2,
  async run(context) {
    context.record.target({ type: "staff", id: context.actor.id, label: context.actor.display });
    await startTotp(context, context.params(boundStepUpMinutes));
  },
});

export const viewReplacement = query({
  name: "access.totp.pending",
  input: Nothing,
  run: async (context) => await pendingTotp(context),
});

/** Puts the new authenticator in force, ends every other session, and tells the person (ASVS 7.4.3, 6.3.7). */
export const confirmReplacement = command({
  name: "access.totp.confirm",
  shownOnce: true,
  input: z.strictObject({ attempt: CountedCode }),
  severity: 2,
  async run(context) {
    const { tx, actor, input, record, now } = context;
    record.target({ type: "staff", id: actor.id, label: actor.display });
    const codes = await confirmTotp(context, input.attempt.code());
    const ended = await endSessionsOf(
      tx,
      { now: () => now },
      actor.id,
      "credentials",
      actor.assurance?.session ?? "",
    );
    record.fact("sessions_ended", ended);
    await notify(tx, now, [actor.id], { kind: "credential_changed", facts: { what: "factor" }, href: "/me" });
    return { codes };
  },
});

/** New recovery codes; the old ones are dead. */
export const regenerateRecovery = command({
  name: "access.recovery.regenerate",
  shownOnce: true,
  input: Nothing,
  severity: 2,
  async run(context) {
    const { tx, actor, record, now } = context;
    record.target({ type: "staff", id: actor.id, label: actor.display });
    const codes = await makeRecoveryCodes(context, actor.id);
    await notify(tx, now, [actor.id], {
      kind: "credential_changed",
      facts: { what: "recovery_codes" },
      href: "/me",
    });
    return { codes };
  },
});
