import { sql } from "kysely";
import type { Actor } from "../../door/actor.ts";
import type { Clock } from "../../door/clock.ts";
import type { Tx } from "../../door/tables.ts";

/**
 * Uses up a bound step-up of this session for this input: when it was shown; null when there is none. One statement: it
 * works once.
 */
export function useStepUpBy(clock: Clock): (tx: Tx, actor: Actor, digest: Buffer) => Promise<Date | null> {
  return async (tx, actor, digest) => {
    if (actor.assurance === null) return null;
    const now = clock.now();
    const used = await sql<{ created_at: Date }>`
      UPDATE access.step_up SET used_at = ${now}
      WHERE session_id = ${actor.assurance.session} AND digest = ${digest} AND used_at IS NULL AND expires_at > ${now}
      RETURNING created_at`.execute(tx);
    return used.rows[0]?.created_at ?? null;
  };
}
