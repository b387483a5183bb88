/** The body of an audit event, schema `audit.v1`. No personal datum stands in it: ids, codes, counts and commitments only. */
export interface AuditBody {
  v: 1;
  id: string;
  /** UTC, milliseconds, ISO 8601. */
  at: string;
  writer: { id: string; seq: number };
  actor: { type: string; id: string; display: string; roles: string[]; on_behalf_of?: string };
  /** `step_up_at`: when the second factor was shown for this very operation, where it had to be. */
  session?: { id_hash: string; aal: number; mfa_at?: string; step_up_at?: string };
  action: string;
  crud: Crud;
  category: string;
  target: Target[];
  fields?: string[];
  purpose?: { code: string; ticket?: string };
  outcome: { result: "success" | "denied" | "failure" | "pending"; code?: string };
  change?: Change[];
  request?: RequestFacts;
  correlation?: {
    incident?: string;
    run?: string;
    step?: string;
    approval?: string;
    command_id?: string;
    import?: string;
  };
  /** What was in force: the rules by name, and the digest of their whole set, the parameters of every document included. */
  policy?: { id: string; version: string; set?: string };
  /** Closed numbers of this or an ended writer, for `audit.void`. */
  voids?: { writer: string; seq: number }[];
  /** 0 routine, 1 notable, 2 sensitive, 3 dangerous, 4 grave (a checkpoint is signed at once), 5 emergency. */
  severity: Severity;
  /** Small facts of the action itself (counts, states); never personal data. */
  facts?: Record<string, string | number | boolean | null>;
}

export type Crud = "c" | "r" | "u" | "d" | "x";
export type Severity = 0 | 1 | 2 | 3 | 4 | 5;

export interface Target {
  type: string;
  id: string;
  /** A human name that is no personal datum: a member number, a role, a file digest. */
  label?: string;
}

/** One changed field. Plain values only for fields that are no personal data; the others show commitments. */
export type Change =
  | { field: string; before: ChangeValue; after: ChangeValue }
  | { field: string; before_commit: string | null; after_commit: string | null };

export type ChangeValue = string | number | boolean | null | string[];

/** Where a request came from, as the HTTP layer saw it. */
export interface RequestFacts {
  id: string;
  ip?: string;
  ua_hash?: string;
  route?: string;
  method?: string;
}

/** An event as the door hands it to the log: everything but the writer's numbering, which the log adds. */
export type StagedEvent = Omit<AuditBody, "writer">;
