/*
 * What the driver and its victim say to each other, a line of JSON each. A line that the victim has written is in the
 * pipe, and no kill takes it back: from then on the command counts as acknowledged.
 */

/** One command as a client would send it: with a key, so that it may be sent again when no answer came. */
export interface Attempt {
  key: string;
  /** Who of the demo's people sends it. */
  login: string;
  command: string;
  input: unknown;
}

/** From the driver to the victim, on standard input. */
export type Order =
  | { do: "work" }
  /** Finish what is in hand and begin nothing new. */
  | { do: "pause" }
  /** Bring everything committed into the tree and sign it. */
  | { do: "settle" }
  | { do: "perform"; attempt: Attempt };

/** From the victim to the driver, on standard output. */
export type Line =
  /** Open, with its worker. */
  | { say: "ready" }
  | { say: "trying"; attempt: Attempt }
  | Acknowledged
  /** Four eyes: the request is stored, and its event is written. */
  | { say: "pending"; key: string; approval: string }
  | { say: "refused"; key: string; kind: string; code: string }
  | { say: "paused" }
  /** `policy`: how this log's signatures are checked; null while another process still leads. */
  | { say: "settled"; policy: string | null }
  /** Something that must not happen: an error that is no refusal. */
  | { say: "broken"; error: string };

/** A command that was done, as the client heard it. */
export interface Acknowledged {
  say: "done";
  key: string;
  commandId: string;
  /** Null when an earlier result was given again. */
  event: string | null;
  value: unknown;
  replayed: boolean;
}
