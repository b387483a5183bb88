import type { Narrow } from "./narrow-statement.ts";

/** A session's last sight is written at most this often; the idle limit is minutes. */
const EVERY_SECONDS = 30;

/** Writes when a session was last seen, by its handle, and nothing else. */
export type TouchSession = (handle: string, now: Date) => Promise<void>;

/** The narrow writer for activity. */
export function touchSessionOn(narrow: Narrow): TouchSession {
  return async (handle, now) => {
    await narrow({
      name: "touch_session",
      text: `INSERT INTO access.activity (handle, last_seen_at) VALUES ($1, $2)
             ON CONFLICT (handle) DO UPDATE SET last_seen_at = excluded.last_seen_at
             WHERE access.activity.last_seen_at <= excluded.last_seen_at - make_interval(secs => $3)`,
      values: [handle, now, EVERY_SECONDS],
    });
  };
}
