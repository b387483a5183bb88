import { sql } from "kysely";
import { z } from "zod";
import { query } from "../../door/command.ts";
import { Id } from "../../door/ids.ts";
import { Refusal } from "../../door/refusal.ts";
import { whyTwoPeople } from "../grants/two-people.ts";
import { readable } from "../reasons.ts";

const PAGE = 50;

/** Colleagues by login, with their roles. `state` and `role` filter; `after` is the last login of the page before. */
export const listStaff = query({
  name: "staff.list",
  input: z.strictObject({
    state: z.enum(["invited", "active", "disabled"]).optional(),
    role: z.string().max(60).optional(),
    after: z.string().max(40).optional(),
  }),
  async run({ tx, input }) {
    const rows = await sql<{
      id: string;
      login: string;
      name: string;
      state: "invited" | "active" | "disabled";
      roles: string[];
      seen_at: Date | null;
    }>`
      SELECT p.id, p.login, p.display_name AS name, p.state,
             coalesce((SELECT array_agg(DISTINCT g.role ORDER BY g.role) FROM access.role_grant g
                       WHERE g.person_id = p.id AND g.revoked_at IS NULL
                         AND (g.expires_at IS NULL OR g.expires_at > now())), '{}') AS roles,
             (SELECT max(a.last_seen_at) FROM access.session s JOIN access.activity a ON a.handle = s.handle
              WHERE s.person_id = p.id) AS seen_at
      FROM access.person p
      WHERE p.login > ${input.after ?? ""}
        AND (${input.state ?? null}::text IS NULL OR p.state = ${input.state ?? null})
        AND (${input.role ?? null}::text IS NULL OR EXISTS (
              SELECT FROM access.role_grant g WHERE g.person_id = p.id AND g.role = ${input.role ?? null}
                AND g.revoked_at IS NULL AND (g.expires_at IS NULL OR g.expires_at > now())))
      ORDER BY p.login LIMIT ${PAGE + 1}`.execute(tx);
    return { people: rows.rows.slice(0, PAGE), more: rows.rows.length > PAGE };
  },
});

export type StaffRow = Awaited<ReturnType<(typeof listStaff)["run"]>>["people"][number];

/** One colleague: state, factor, sessions, rights, and the roles that whoever looks may give them. */
export const viewStaff = query({
  name: "staff.view",
  input: z.strictObject({ person: Id }),
  async run({ tx, vault, actor, input, access, now }) {
    const person = await tx
      .selectFrom("access.person")
      .select(["id", "login", "display_name as name", "state", "created_at as createdAt", "version"])
      .where("id", "=", input.person)
      .executeTakeFirst();
    if (person === undefined) throw new Refusal("not-found", "not_found");
    const factor = await tx
      .selectFrom("access.totp")
      .select("state")
      .where("person_id", "=", person.id)
      .where("state", "in", ["active", "locked"])
      .executeTakeFirst();
    const sessions = await tx
      .selectFrom("access.session")
      .select(["handle", "agent", "authenticated_at as signedInAt", "expires_at as expiresAt"])
      .where("person_id", "=", person.id)
      .where("ended_at", "is", null)
      .where("expires_at", ">", now)
      .where("level", "=", 2)
      .orderBy("authenticated_at", "desc")
      .execute();
    const grants = await tx
      .selectFrom("access.role_grant as g")
      .leftJoin("access.person as b", (join) =>
        join.on((eb) => eb(eb.cast("b.id", "text"), "=", eb.ref("g.granted_by"))),
      )
      .select([
        "g.id",
        "g.role",
        "g.kind",
        "g.reason",
        "g.granted_at as grantedAt",
        "g.expires_at as expiresAt",
        "b.login as grantedBy",
      ])
      .where("g.person_id", "=", person.id)
      .where("g.revoked_at", "is", null)
      .where((eb) => eb.or([eb("g.expires_at", "is", null), eb("g.expires_at", ">", eb.fn<Date>("now"))]))
      .orderBy("g.granted_at")
      .execute();
    const reasoned = await readable(tx, vault, grants);
    const policy = await access.rules(tx);
    const mine = (by: readonly string[]) => by.some((role) => actor.roles.includes(role));
    // before somebody has enrolled, nothing that two people give: whoever made the link could be them
    const grantable = [...policy.roles]
      .filter(([name, rule]) => mine(rule.granted_by) && !grants.some((g) => g.role === name))
      .map(([name, rule]) => ({ role: name, dangerous: whyTwoPeople(policy, rule, actor.roles).length > 0 }))
      .filter(({ dangerous }) => !dangerous || person.state === "active");
    return {
      ...person,
      factor:
        factor === undefined
          ? ("none" as const)
          : factor.state === "locked"
            ? ("locked" as const)
            : ("active" as const),
      sessions,
      grants: reasoned.map((g) => ({ ...g, mayRevoke: mine(policy.roles.get(g.role)?.granted_by ?? []) })),
      grantable: person.id === actor.id ? [] : grantable,
    };
  },
});

export type StaffView = Awaited<ReturnType<(typeof viewStaff)["run"]>>;
