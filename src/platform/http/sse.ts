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
}
