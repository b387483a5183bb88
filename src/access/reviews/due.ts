import { sql } from "kysely";
import { z } from "zod";
import { query } from "../../door/command.ts";
import type { Tx } from "../../door/tables.ts";
import { accessReviewDays, accessReviewNoticeDays } from "../params.ts";

/** More than these are looked at in several goes. */
const PAGE = 100;

export interface DueGrant {
  id: string;
  person: string;
  login: string;
  name: string;
  role: string;
  /** `eligible`: may be taken for some hours. */
  kind: "standing" | "eligible";
  grantedAt: Date;
  reviewedAt: Date | null;
  reviewedBy: string | null;
  /** When it lapses. */
  dueAt: Date;
}

/**
 * Lasting grants that lapse before `until` (an instant) when each look at one is good for `days` days, the first to
 * lapse first. People who are disabled are left out: their grants give nothing.
 */
export async function grantsDue(tx: Tx, days: number, until: Date, limit: number): Promise<DueGrant[]> {
  const { rows } = await sql<DueGrant>`
    SELECT g.id, p.id AS person, p.login, p.display_name AS name, g.role, g.kind, g.granted_at AS "grantedAt",
           g.reviewed_at AS "reviewedAt", r.login AS "reviewedBy",
           coalesce(g.reviewed_at, g.granted_at) + make_interval(days => ${days}) AS "dueAt"
    FROM access.role_grant g
    JOIN access.person p ON p.id = g.person_id
    LEFT JOIN access.person r ON r.id = g.reviewed_by
    WHERE g.revoked_at IS NULL AND g.expires_at IS NULL AND p.state <> 'disabled'
      AND coalesce(g.reviewed_at, g.granted_at) <= ${until}::timestamptz - make_interval(days => ${days})
    ORDER BY coalesce(g.reviewed_at, g.granted_at), g.id
    LIMIT ${limit}`.execute(tx);
  return rows;
}

/** What has to be looked at now: grants that lapse within the policy's notice, and when the next one will come up. */
export const accessReview = query({
  name: "staff.access_review",
  input: z.strictObject({}),
  async run({ tx, actor, params, access, now }) {
    const days = params(accessReviewDays);
    const until = after(now, params(accessReviewNoticeDays));
    const due = await grantsDue(tx, days, until, PAGE + 1);
    const [next] = due.length > 0 ? due : await grantsDue(tx, days, after(now, days), 1);
    const policy = await access.rules(tx);
    const mine = (role: string) =>
      (policy.roles.get(role)?.granted_by ?? []).some((by) => actor.roles.includes(by));
    return {
      days,
      grants: due
        .slice(0, PAGE)
        .map((grant) => ({ ...grant, mayKeep: grant.person !== actor.id && mine(grant.role) })),
      more: due.length > PAGE,
      /** When the first lasting grant lapses; null when there is none. */
      nextAt: next?.dueAt ?? null,
    };
  },
});

export type AccessReview = Awaited<ReturnType<(typeof accessReview)["run"]>>;

function after(now: Date, days: number): Date {
  return new Date(now.getTime() + days * 86_400_000);
}
