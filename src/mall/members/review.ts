import { z } from "zod";
import { command } from "../../door/command.ts";
import { Id } from "../../door/ids.ts";
import { Refusal } from "../../door/refusal.ts";
import { returnReasons, reviewMachine, step } from "./model.ts";
import { lockMember, memberTarget } from "./record.ts";
import { Version } from "../../platform/integers.ts";

/**
 * Reviews submitted data (5.1.2): approves it, or returns it with a reason. The version is part of the decision, so that
 * nobody approves what they have not seen. Whoever entered or changed the data is refused by the policy's duty, and whoever
 * changed it last by the row itself, also where both happen at once.
 */
export const review = command({
  name: "members.review",
  input: z.discriminatedUnion("decision", [
    z.strictObject({ member: Id, version: Version, decision: z.literal("approve") }),
    z.strictObject({
      member: Id,
      version: Version,
      decision: z.literal("return"),
      reason: z.enum(returnReasons),
    }),
  ]),
  target: (input) => ({ type: "member", id: input.member, version: input.version }),
  async run({ tx, actor, input, record, now }) {
    const member = await lockMember(tx, input.member, input.version);
    if (member.submitted_by === actor.id)
      throw new Refusal("denied", "duty", { values: { other: "members.edit" } });
    const state = step(reviewMachine, member.review_state, input.decision);
    const reason = input.decision === "return" ? input.reason : null;
    await tx
      .updateTable("members.member")
      .set({
        review_state: state,
        review_reason: reason,
        reviewed_at: now,
        reviewed_by: actor.id,
        updated_at: now,
        version: member.version + 1,
      })
      .where("id", "=", member.id)
      .execute();
    record.target(memberTarget(member));
    record.change("review_state", member.review_state, state);
    record.change("review_reason", member.review_reason, reason);
    return { state };
  },
});
