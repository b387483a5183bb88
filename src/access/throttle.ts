import { sql } from "kysely";
import type { Clock } from "../door/clock.ts";
import type { Tx } from "../door/tables.ts";
import type { Vault } from "../platform/vault/index.ts";
import type { CompiledPolicy } from "../platform/policy/index.ts";
import type { Narrow } from "./narrow-statement.ts";
import { throttleFirstWaitSeconds, throttleLongestMinutes, throttleWindowMinutes } from "./params.ts";

/** How long a counter counts, and how long whoever used it up waits. */
export interface Waits {
  windowMinutes: number;
  /** The first wait; it doubles with each further try. */
  firstSeconds: number;
  longestMinutes: number;
}

/** What is counted, and how patient the counter is. */
export interface Counter extends Waits {
  scope: "account" | "address" | "device" | "factor" | "strikes" | "link";
  subject: string;
  /** Tries in a window before waiting begins. */
  tries: number;
}

/** The waits that the policy asks for, the same for every counter. */
export const waitsOf = (policy: Pick<CompiledPolicy, "params">): Waits => ({
  windowMinutes: policy.params(throttleWindowMinutes),
  firstSeconds: policy.params(throttleFirstWaitSeconds),
  longestMinutes: policy.params(throttleLongestMinutes),
});

/** Taken: it was counted, as the so-many-th. Blocked: it was not, and the wait is told in seconds. */
export type Taken = { blocked: false; tries: number } | { blocked: true; retryAfter: number };

/** The narrow writer that counts tries. It counts before the try, so that a hundred at once are a hundred tries. */
export interface Throttle {
  take(counter: Counter): Promise<Taken>;
  /** Forgets a counter after a success, and gives the tries that it had. */
  clear(counter: Pick<Counter, "scope" | "subject">): Promise<number>;
  /** Takes back one try: a success from an address that many people share. */
  giveBack(counter: Pick<Counter, "scope" | "subject">): Promise<void>;
}

const DAY_MS = 86_400_000;

/** Subjects are stored as keyed digests: somebody may have typed the password where the login goes. */
export function throttleOn(narrow: Narrow, vault: Pick<Vault, "digest">, clock: Clock): Throttle {
  const nameOf = ({ scope, subject }: Pick<Counter, "scope" | "subject">) =>
    vault.digest(`access.throttle.${scope}`, Buffer.from(subject));
  return {
    async take(counter) {
      const now = clock.now();
      const name = nameOf(counter);
      const taken = await narrow({
        name: "throttle_take",
        text: TAKE,
        values: [
          name,
          now,
          counter.tries,
          counter.windowMinutes * 60,
          counter.firstSeconds,
          counter.longestMinutes * 60,
        ],
      });
      const tries = taken.rows[0]?.["tries"];
      if (typeof tries === "number") return { blocked: false, tries };
      const wait = await narrow({
        name: "throttle_wait",
        text: "SELECT extract(epoch FROM blocked_until - $2)::float8 AS wait FROM access.throttle WHERE key = $1",
        values: [name, now],
      });
      return { blocked: true, retryAfter: Math.max(1, Math.ceil(Number(wait.rows[0]?.["wait"] ?? 1))) };
    },
    async clear(counter) {
      const gone = await narrow({
        name: "throttle_clear",
        text: "DELETE FROM access.throttle WHERE key = $1 RETURNING tries",
        values: [nameOf(counter)],
      });
      return Number(gone.rows[0]?.["tries"] ?? 0);
    },
    async giveBack(counter) {
      await narrow({
        name: "throttle_give_back",
        text: "UPDATE access.throttle SET tries = greatest(tries - 1, 0) WHERE key = $1",
        values: [nameOf(counter)],
      });
    },
  };
}

/** Forgets counters that nobody has touched for a day, inside a command. Gives how many. */
export async function forgetTries(tx: Tx, now: Date): Promise<number> {
  const gone = await tx
    .deleteFrom("access.throttle")
    .where(sql<boolean>`greatest(window_start, blocked_until) < ${new Date(now.getTime() - DAY_MS)}`)
    .executeTakeFirst();
  return Number(gone.numDeletedRows);
}

/** True once window and wait are over by a whole window: the counter starts again. */
const QUIET = "greatest(t.window_start, t.blocked_until) + make_interval(secs => $4) <= $2";

/** $1 key, $2 now, $3 tries, $4 window, $5 first wait, $6 longest wait (seconds). No row comes back while blocked. */
const TAKE = `
  INSERT INTO access.throttle AS t (key, tries, window_start, blocked_until) VALUES ($1, 1, $2, $2)
  ON CONFLICT (key) DO UPDATE SET
    tries = CASE WHEN ${QUIET} THEN 1 ELSE t.tries + 1 END,
    window_start = CASE WHEN ${QUIET} THEN $2 ELSE t.window_start END,
    blocked_until = CASE WHEN ${QUIET} OR t.tries + 1 < $3 THEN $2
      ELSE $2::timestamptz + make_interval(secs => least($6, $5 * 2 ^ least(t.tries + 1 - $3, 20))) END
  WHERE t.blocked_until <= $2
  RETURNING tries`;
