import type { ViewContext } from "../context.ts";

/** What htmx adds to an element that works without it. */
export interface Live {
  get?: string;
  post?: string;
  /** Where the answer goes, as a CSS selector. */
  target?: string;
  /** The part of the answer that is taken. */
  select?: string;
  swap?:
    | "innerHTML"
    | "outerHTML"
    | "outerSync"
    | "innerMorph"
    | "outerMorph"
    | "beforeend"
    | "afterbegin"
    | "none";
  /** When to ask: `every 5s`, `input changed delay:300ms`, `load`. */
  trigger?: string;
  /** Puts the asked address into the address bar. */
  push?: boolean;
  /** Address of a server-sent event stream whose unnamed messages are swapped in. */
  stream?: string;
  /** Elements that are disabled while the answer is awaited. */
  disable?: string;
  /** A refusal changes nothing on the page: the asking goes on by itself, and nobody waits for this answer. */
  quiet?: boolean;
}

/**
 * The attributes for htmx. Each such element carries the nonce of the page; without it the `hx-csp` extension takes
 * the attributes away, which is what makes injected markup harmless.
 */
export function live(v: ViewContext, wanted: Live): Record<string, string> {
  const attributes: Record<string, string | undefined> = {
    "hx-get": wanted.get,
    "hx-post": wanted.post,
    "hx-target": wanted.target,
    "hx-select": wanted.select,
    "hx-swap": wanted.swap,
    "hx-trigger": wanted.trigger,
    "hx-push-url": wanted.push === true ? "true" : undefined,
    "hx-sse:connect": wanted.stream,
    "hx-disable": wanted.disable,
    "hx-status:4xx": wanted.quiet === true ? "swap:none" : undefined,
    "hx-status:5xx": wanted.quiet === true ? "swap:none" : undefined,
    "hx-nonce": v.nonce,
  };
  const present = Object.entries(attributes).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(present);
}

/** Asking `address` replaces the block with the id `results` in place, and the address bar says so. */
export function replacing(v: ViewContext, results: string, address: string): Record<string, string> {
  // outerSync keeps the block itself, so that what listens on it and the focus inside the page survive.
  return live(v, {
    get: address,
    target: `#${results}`,
    select: `#${results}`,
    swap: "outerSync",
    push: true,
  });
}

/**
 * A block that follows long work. The inner part is filled by the stream at `${address}/live`; when the work is over, or
 * the stream cannot be had, the block asks for itself once more at `${address}/progress`, and what comes tries the
 * stream again: without streams that is polling. Neither address counts as activity of the person.
 */
export function following(v: ViewContext, block: string, address: string) {
  return {
    block: {
      id: block,
      ...live(v, {
        get: `${address}/progress`,
        trigger: "settled, htmx:sse:error delay:2s, htmx:response:error delay:2s, htmx:error delay:2s",
        target: `#${block}`,
        select: `#${block}`,
        swap: "outerHTML",
        quiet: true,
      }),
    },
    part: live(v, { stream: `${address}/live`, quiet: true }),
  };
}
