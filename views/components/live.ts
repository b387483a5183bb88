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
