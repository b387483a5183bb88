import { sql } from "kysely";
import { z } from "zod";
import { query } from "../../door/command.ts";
import { recoveryCodesLeft } from "../factor/recovery.ts";

/** Everything the console keeps about the person who asks: sessions, factors, rights. */
export const me = query({
  name: "access.me",
  input: z.strictObject({}),
  async run({ tx, actor, access, now }) {
    const policy = await access.rules(tx);
    const person = await tx
      .selectFrom("access.person")
      .select(["login", "display_name as name"])
      .where("id", "=", actor.id)
      .executeTakeFirstOrThrow();
    const sessions = await sql<{
      id: string;
      handle: string;
      address: string;
      agent: string;
      signed_in_at: Date;
      seen_at: Date;
      expires_at: Date;
    }>`
      SELECT s.id, s.handle, s.address, s.agent, s.authenticated_at AS signed_in_at, s.expires_at,
             greatest(s.created_at, a.last_seen_at) AS seen_at
      FROM access.session s LEFT JOIN access.activity a ON a.handle = s.handle
      WHERE s.person_id = ${actor.id} AND s.ended_at IS NULL AND s.expires_at > ${now} AND s.level = 2
      ORDER BY seen_at DESC`.execute(tx);
    const factor = await tx
      .selectFrom("access.totp")
      .select(["state", "confirmed_at as since"])
      .where("person_id", "=", actor.id)
      .where("state", "in", ["active", "locked"])
      .executeTakeFirst();
    const grants = await tx
      .selectFrom("access.role_grant")
      .select(["id", "role", "kind", "granted_at as grantedAt", "expires_at as expiresAt"])
      .where("person_id", "=", actor.id)
      .where("revoked_at", "is", null)
      .where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", eb.fn<Date>("now"))]))
      .orderBy("granted_at")
      .execute();
    return {
      ...person,
      sessions: sessions.rows.map(({ id, signed_in_at, seen_at, expires_at, ...session }) => ({
        ...session,
        signedInAt: signed_in_at,
        seenAt: seen_at,
        expiresAt: expires_at,
        current: id === actor.assurance?.session,
      })),
      factor: factor ?? null,
      recoveryCodes: await recoveryCodesLeft(tx, actor.id),
      grants,
      eligible: grants
        .filter(({ kind, role }) => kind === "eligible" && policy.roles.get(role)?.just_in_time === true)
        .map(({ role }) => role),
      mayBreakGlass: actor.permissions.has("staff.break_glass.open"),
      breakGlass: actor.breakGlass,
    };
  },
});

export type Me = Awaited<ReturnType<(typeof me)["run"]>>;
