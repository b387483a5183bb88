/** Where the time comes from. Injected everywhere, so that a test can say what time it is. */
export interface Clock {
  /** The current instant, in milliseconds since the epoch (UTC). */
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };
