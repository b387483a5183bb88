import { z } from "zod";
import { command } from "../../door/command.ts";
import { dropStaleSeeds } from "../factor/enrol.ts";
import { forgetTries } from "../throttle.ts";
import { notify, peopleWith } from "../notices/notify.ts";
import { syncDuties } from "./duties.ts";

/**
 * What has to happen without anybody asking: the pairs of roles follow the policy in force, seeds of authenticators that
 * nobody finished are put away, counters of tries that nobody needs any more are forgotten, and a break-glass whose
 * review is late is called to mind. Ended grants and sessions need no job; the queries see to them.
 */
export const sweep = command({
  name: "access.sweep",
  input: z.strictObject({}),
  async run({ tx, access, record, now }) {
    const policy = await access.rules(tx);
    record.fact("duties_changed", await syncDuties(tx, policy));
    record.fact("seeds_dropped", await dropStaleSeeds(tx, now));
    record.fact("counters_forgotten", await forgetTries(tx, now));
    const late = await tx
      .selectFrom("access.break_glass")
      .select(["id", "person_id"])
      .where("reviewed_at", "is", null)
      .where("review_due_at", "<", now)
      .execute();
    for (const glass of late) {
      const told = await tx
        .selectFrom("access.notice")
        .select("id")
        .where("kind", "=", "break_glass_overdue")
        .where("href", "=", `/staff/break-glass/${glass.id}`)
        .executeTakeFirst();
      if (told !== undefined) continue;
      const reviewers = await peopleWith(tx, policy, "staff.break_glass.review", glass.person_id);
      await notify(tx, now, reviewers, {
        kind: "break_glass_overdue",
        href: `/staff/break-glass/${glass.id}`,
      });
    }
    record.fact("reviews_late", late.length);
  },
});
