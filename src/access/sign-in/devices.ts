import { sql } from "kysely";
import type { RunContext } from "../../door/command.ts";
import type { Tx } from "../../door/tables.ts";
import { notify } from "../notices/notify.ts";
import { deviceDays } from "../params.ts";
import { randomToken, sha256 } from "../secrets.ts";

/** The device that a cookie names, when it is one of this person's; for the throttle and for the notice. */
export async function knownDevice(
  db: Tx,
  token: string | null,
  person: string,
  now: Date,
): Promise<string | null> {
  if (token === null) return null;
  const { rows } = await sql<{ id: string | null }>`
    SELECT access.device_of(${sha256(token)}, ${person}, ${now}) AS id`.execute(db);
  return rows[0]?.id ?? null;
}

/** Remembers a browser after both factors, tells its person, and gives the token for its cookie. */
export async function rememberDevice(
  { tx, params, now, newId }: Pick<RunContext<unknown>, "tx" | "params" | "now" | "newId">,
  person: string,
  agent: string,
): Promise<{ id: string; token: string }> {
  const id = newId();
  const token = randomToken();
  await tx
    .insertInto("access.device")
    .values({
      id,
      person_id: person,
      token_hash: sha256(token),
      agent,
      first_seen_at: now,
      expires_at: new Date(now.getTime() + params(deviceDays) * 86_400_000),
    })
    .execute();
  await notify(tx, now, [person], { kind: "new_device", facts: { agent }, href: "/me" });
  return { id, token };
}
