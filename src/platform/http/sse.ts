import type { Node } from "./page.ts";

/** A stream of server-sent events that a handler opens. */
export interface Stream {
  /** Milliseconds between two looks. */
  every: number;
  /** What to send now; null when nothing is new. */
  look(): Promise<StreamMessage | null>;
}

export interface StreamMessage {
  /** HTML for htmx, or text. */
  data: string;
  /** Unnamed messages are swapped in by htmx; a named one triggers an event of that name. */
  event?: string;
  id?: string;
  /** Nothing comes after it: the stream ends. */
  last?: boolean;
}

/** The event that tells a page that the work it watches is over, and that it may ask for what comes next. */
export const SETTLED = "settled";

/** Long work, as a page watches it. */
export interface Watched<S> {
  look(): Promise<S>;
  /** True when nothing of it goes on any more. */
  over(state: S): boolean;
  show(state: S): Node;
}

/** Looks once a second, sends what there is to show whenever it changed, and says at the end that it is over. */
export function progressOf<S>({ look, over, show }: Watched<S>): Stream {
  let shown: string | undefined;
  return {
    every: 1_000,
    async look() {
      const state = await look();
      if (over(state)) return { event: SETTLED, data: "", last: true };
      const data = String(await show(state));
      if (data === shown) return null;
      shown = data;
      return { data };
    },
  };
}
