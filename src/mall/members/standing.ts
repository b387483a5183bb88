import { z } from "zod";
import { command } from "../../door/command.ts";
import { Id } from "../../door/ids.ts";
import { freezeReasons, statusMachine, step } from "./model.ts";
import { lockMember, memberTarget } from "./record.ts";
import { Version } from "../../platform/integers.ts";

/** Freezes a member: no sign-in, no orders, until somebody unfreezes. Their sessions end with it. */
export const freeze = command({
  name: "members.freeze",
  severity: 2,
  input: z.strictObject({ member: Id, version: Version, reason: z.enum(freezeReasons) }),
  target: (input) => ({ type: "member", id: input.member, version: input.version }),
  async run({ tx, input, record, now }) {
    const member = await lockMember(tx, input.member, input.version);
    const status = step(statusMachine, member.status, "freeze");
    await tx
      .updateTable("members.member")
      .set({
        status,
        status_reason: input.reason,
        sessions_valid_from: now,
        updated_at: now,
        version: member.version + 1,
      })
      .where("id", "=", member.id)
      .execute();
    record.target(memberTarget(member));
    record.change("status", member.status, status);
    record.change("status_reason", null, input.reason);
    return { status };
  },
});

/** Ends a freeze. The member signs in anew. */
export const unfreeze = command({
  name: "members.unfreeze",
  severity: 2,
  input: z.strictObject({ member: Id, version: Version }),
  target: (input) => ({ type: "member", id: input.member, version: input.version }),
  async run({ tx, input, record, now }) {
    const member = await lockMember(tx, input.member, input.version);
    const status = step(statusMachine, member.status, "unfreeze");
    await tx
      .updateTable("members.member")
      .set({ status, status_reason: null, updated_at: now, version: member.version + 1 })
      .where("id", "=", member.id)
      .execute();
    record.target(memberTarget(member));
    record.change("status", member.status, status);
    return { status };
  },
});

/** Ends all sessions of a member: the members' door refuses every session that began before this instant. */
export const endSessions = command({
  name: "members.sessions.end",
  severity: 2,
  input: z.strictObject({ member: Id }),
  target: (input) => ({ type: "member", id: input.member }),
  async run({ tx, input, record, now }) {
    const member = await lockMember(tx, input.member);
    await tx
      .updateTable("members.member")
      .set({ sessions_valid_from: now })
      .where("id", "=", member.id)
      .execute();
    record.target(memberTarget(member));
    return { ended: true };
  },
});
