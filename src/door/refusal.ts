/** The ways in which the door says no. Each is mapped once to HTTP, in `platform/http/refusals`. */
export type RefusalKind =
  | "denied"
  | "invalid"
  | "conflict"
  | "not-found"
  | "pending-approval"
  | "step-up-required"
  | "frozen"
  | "unavailable"
  | "throttled";

/** One field of the input that was refused. `path` is dotted; `code` names a message `invalid.<code>`. */
export interface Issue {
  path: string;
  code: string;
  values?: Record<string, string | number>;
}

export interface RefusalDetails {
  /** Values for the message `refusal.<code>`. Never a personal datum. */
  values?: Record<string, string | number>;
  issues?: readonly Issue[];
  /** Seconds after which trying again makes sense. */
  retryAfter?: number;
  /** The approval request that now waits, for `pending-approval`. */
  approval?: string;
  /** What the step-up has to prove, for `step-up-required`. */
  stepUp?: StepUpNeed;
  cause?: unknown;
}

/** `fresh`: a second factor not older than `minutes`. `bound`: password and factor now, for this input only. */
export interface StepUpNeed {
  level: "fresh" | "bound";
  minutes: number;
  /** Base64url digest of command and input that a bound step-up is for. */
  digest: string;
  /** The command that asked, for the page; what counts is the digest. */
  operation?: string;
}

/**
 * A typed no. `code` is stable and has a message `refusal.<code>` in both languages.
 * Thrown anywhere below the door; the door writes it into the log and passes it on unchanged.
 */
export class Refusal extends Error {
  readonly kind: RefusalKind;
  readonly code: string;
  readonly details: RefusalDetails;

  constructor(kind: RefusalKind, code: string, details: RefusalDetails = {}) {
    super(`${kind}: ${code}`, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "Refusal";
    this.kind = kind;
    this.code = code;
    this.details = details;
  }
}
