import type { Clock } from "../../door/clock.ts";
import type { DekIdentity } from "./provider.ts";

/** Enough for every list page in use at once; a few hundred kilobytes. */
const MAX_KEYS = 4096;
/** How long key material of a person may stay in memory unused or not. */
const TTL_MS = 60_000;

/**
 * Unwrapped data keys, so that a remote key service is not asked for each field. It answers *which bytes*, never
 * *whether they may be used*: that is the state of the key's row, which every operation reads in its own statement
 * before it asks here. A key shredded by another process is therefore dead at once, wherever its bytes still lie.
 */
export interface KeyCache {
  get(of: DekIdentity): Uint8Array | undefined;
  put(of: DekIdentity, key: Uint8Array): void;
}

export function keyCache(clock: Clock): KeyCache {
  const held = new Map<string, { key: Uint8Array; until: number }>(); // in the order of their last use

  return {
    get(of) {
      const name = nameOf(of);
      const found = held.get(name);
      if (found === undefined) return undefined;
      held.delete(name);
      if (found.until <= clock.now().getTime()) return undefined;
      held.set(name, found);
      return found.key;
    },

    put(of, key) {
      if (held.size >= MAX_KEYS) {
        const [oldest] = held.keys();
        if (oldest !== undefined) held.delete(oldest);
      }
      held.set(nameOf(of), { key, until: clock.now().getTime() + TTL_MS });
    },
  };
}

/** All that the wrapping is bound to: a row whose owner was changed in the database finds nothing here. */
function nameOf({ dekId, subject, purpose }: DekIdentity): string {
  return `${dekId} ${subject} ${purpose}`;
}
