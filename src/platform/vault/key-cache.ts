import type { KeyObject } from "node:crypto";
import type { Clock } from "../../door/clock.ts";
import type { DekIdentity } from "./provider.ts";

/** Enough for the list pages in use at once. */
const MAX_KEYS = 1024;
/** How long key material of a person may stay in memory unused or not. */
const TTL_MS = 60_000;

/**
 * Unwrapped data keys, so that a remote key service is not asked for each field. It answers *which bytes*, never
 * *whether they may be used*: that is the state of the key's row, which every operation reads in its own statement
 * before it asks here. A key shredded by another process is therefore dead at once, wherever its bytes still lie.
 */
export interface KeyCache {
  get(of: DekIdentity): KeyObject | undefined;
  put(of: DekIdentity, key: KeyObject): void;
}

/** For work through thousands of keys, which would only push out those that somebody is looking at. */
export const noCache: KeyCache = { get: () => undefined, put: () => {} };

export function keyCache(clock: Clock): KeyCache {
  const held = new Map<string, Held>(); // in the order of their last use

  return {
    get(of) {
      const found = held.get(of.dekId);
      // all that the wrapping is bound to: a row whose owner was changed in the database finds nothing here
      if (found === undefined || found.subject !== of.subject || found.purpose !== of.purpose)
        return undefined;
      held.delete(of.dekId);
      if (found.until <= clock.now().getTime()) return undefined;
      held.set(of.dekId, found);
      return found.key;
    },

    put({ dekId, subject, purpose }, key) {
      if (held.size >= MAX_KEYS) {
        const [oldest] = held.keys();
        if (oldest !== undefined) held.delete(oldest);
      }
      held.set(dekId, { subject, purpose, key, until: clock.now().getTime() + TTL_MS });
    },
  };
}

interface Held extends Omit<DekIdentity, "dekId"> {
  key: KeyObject;
  until: number;
}
