import { sql } from "kysely";
import { Refusal } from "../../door/refusal.ts";
import type { Tx } from "../../door/tables.ts";
import { wallClock } from "./wall-clock.ts";

/** A stretch of time in which a person may do something so many times. */
interface Window {
  kind: "reveal" | "search";
  /** Names the window; another name is another window. */
  name: string;
  /** Seconds until the next one begins. */
  left: number;
}

/** The calendar day around an instant in a zone. */
export function dayWindow(now: Date, zone: string): Window {
  const [day = "", time = ""] = wallClock(now, zone).split(" ");
  const [hours = 0, minutes = 0, seconds = 0] = time.split(":").map(Number);
  return { kind: "reveal", name: day, left: 86_400 - (hours * 3_600 + minutes * 60 + seconds) };
}

/** The minute around an instant. */
export function minuteWindow(now: Date): Window {
  return { kind: "search", name: now.toISOString().slice(0, 16), left: 60 - now.getUTCSeconds() };
}

/**
 * Takes one from a person's budget in the caller's transaction, so that what it pays for and the payment commit together.
 * One statement: of two sessions at the last one, exactly one gets it. Refuses `throttled` when nothing is left.
 */
export async function spend(tx: Tx, person: string, of: Window, limit: number): Promise<{ left: number }> {
  const { rows } = await sql<{ used: number }>`
    INSERT INTO members.budget AS b (person, kind, "window", used)
    SELECT ${person}, ${of.kind}, ${of.name}, 1 WHERE ${limit}::int > 0
    ON CONFLICT (person, kind) DO UPDATE
      SET "window" = excluded."window",
          used = CASE WHEN b."window" = excluded."window" THEN b.used + 1 ELSE 1 END
      WHERE b."window" <> excluded."window" OR b.used < ${limit}::int
    RETURNING used`.execute(tx);
  const used = rows[0]?.used;
  if (used === undefined) {
    throw new Refusal("throttled", `${of.kind}_budget`, { values: { limit }, retryAfter: of.left });
  }
  return { left: limit - used };
}
