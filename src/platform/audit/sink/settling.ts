/**
 * What was handed to the system and may still be lost with the connection. TCP tells nobody what the other side has read,
 * so an entry counts as arrived when the connection has outlived it by `ms`. At most one answer in that time: the cursor
 * is a write to the database.
 */
export class Settling {
  readonly #ms: number;
  /** The newest position when a stretch of time began, and when that was. */
  #stretch: { next: number; since: number } | undefined;
  #newest: number | undefined;

  constructor(ms: number) {
    this.#ms = ms;
  }

  /** Everything before `next` was handed over by now. Times are those of one clock, in milliseconds. */
  sent(next: number, now: number): void {
    this.#stretch ??= { next, since: now };
    this.#newest = next;
  }

  /** Up to where everything has arrived, if that is news. */
  arrived(now: number): number | undefined {
    const stretch = this.#stretch;
    if (stretch === undefined || now - stretch.since < this.#ms) return undefined;
    const newer = this.#newest !== undefined && this.#newest > stretch.next;
    this.#stretch = newer && this.#newest !== undefined ? { next: this.#newest, since: now } : undefined;
    return stretch.next;
  }
}
