import { z } from "zod";
import { command, type RunContext } from "../../door/command.ts";
import { notify, peopleWith } from "../notices/notify.ts";
import { accessReviewDays, accessReviewNoticeDays } from "../params.ts";
import { isLastAdministrator } from "../staff/commands.ts";
import { lockPerson, newVersion } from "../staff/people.ts";
import { type DueGrant, grantsDue } from "./due.ts";

/** Grants that one run ends; the next run goes on. */
const A_RUN = 100;

/**
 * Ends the lasting grants that nobody has looked at within the policy's days, each with an event of its own, and tells
 * the holder; calls to mind what lapses soon. The last people administrator keeps the role: a console in which nobody
 * may give a role back is locked for ever. That grant stays on the page as overdue.
 */
export const lapseUnreviewed = command({
  name: "access.review.lapse",
  input: z.strictObject({}),
  severity: 2,
  async run(context) {
    const { tx, params, record, now } = context;
    let lapsed = 0;
    for (const grant of await grantsDue(tx, params(accessReviewDays), now, A_RUN)) {
      if (await lapse(context, grant)) lapsed += 1;
    }
    record.fact("lapsed", lapsed);
    record.fact("told", await callToMind(context));
  },
});

type Work = RunContext<unknown>;

async function lapse(context: Work, grant: DueGrant): Promise<boolean> {
  const { tx, access, record, now } = context;
  const policy = await access.rules(tx);
  const person = await lockPerson(tx, grant.person);
  const administers = policy.roles.get(grant.role)?.permissions.includes("staff.roles.grant") === true;
  if (administers && (await isLastAdministrator(tx, policy, person.id))) return false;
  await tx
    .updateTable("access.role_grant")
    .set({ revoked_at: now, revoked_by: "access.review" })
    .where("id", "=", grant.id)
    .execute();
  await newVersion(tx, person);
  record.also({
    action: "staff.roles.lapse",
    crud: "d",
    category: "staff",
    severity: 3,
    target: [{ type: "staff", id: person.id, label: person.login }],
    change: [{ field: "role", before: grant.role, after: null }],
    facts: { kind: grant.kind },
  });
  await notify(tx, now, [person.id], { kind: "roles_changed", facts: { role: grant.role }, href: "/me" });
  return true;
}

/** Tells those who may keep roles that some lapse soon: once, until they have looked. */
async function callToMind({ tx, access, params, now }: Work): Promise<number> {
  const until = new Date(now.getTime() + params(accessReviewNoticeDays) * 86_400_000);
  const [first] = await grantsDue(tx, params(accessReviewDays), until, 1);
  if (first === undefined) return 0;
  const waiting = await tx
    .selectFrom("access.notice")
    .select("person_id")
    .where("kind", "=", "access_review_due")
    .where("read_at", "is", null)
    .execute();
  const told = new Set(waiting.map(({ person_id: id }) => id));
  const reviewers = await peopleWith(tx, await access.rules(tx), "staff.roles.keep");
  const fresh = reviewers.filter((id) => !told.has(id));
  await notify(tx, now, fresh, { kind: "access_review_due", href: "/staff/review" });
  return fresh.length;
}
