import type { Tx } from "./tables.ts";

/** What a caller shows at the door. It proves nothing yet: `identify` looks it up inside the transaction. */
export type Credential =
  /** A staff session: `session` is the stored hash of the token, never the token. */
  | { type: "session"; person: string; session: string }
  /** A scheduled job, by its name. */
  | { type: "scheduler"; job: string }
  /** The operator's command line on the machine itself. Never reads members. */
  | { type: "operator"; osUser: string }
  /** Nobody yet: sign-in, invitation, first set-up. */
  | { type: "anonymous" };

/** As the audit log names them (`audit.v1`). */
export type ActorType =
  | "user"
  | "member"
  | "service"
  | "runbook"
  | "scheduler"
  | "operator"
  | "break_glass"
  | "anonymous";

/** How strongly and how recently an actor has proved who they are. */
export interface Assurance {
  /** Hash of the session id; the log never holds more. */
  session: string;
  /** 1: password only; 2: password and second factor. */
  level: 1 | 2;
  authenticatedAt: Date;
  factorAt: Date | null;
}

/** Who passes the door, as read inside the transaction that they act in. */
export interface Actor {
  type: ActorType;
  /** Person id, job name, or a fixed word for the others. */
  id: string;
  /** How the log names them: a login or a job name, never a member's name. */
  display: string;
  roles: readonly string[];
  /** Names of the commands and queries they may use. */
  permissions: ReadonlySet<string>;
  /** How they proved who they are; null for those who are no persons. */
  assurance: Assurance | null;
  /** Set while break-glass is in force: its id, for the log. */
  breakGlass: string | null;
  language: "zh-CN" | "en";
}

/** Looks a credential up. In a command the rows are locked FOR SHARE, so that ending a session and using it cannot both win. */
export type Identify = (tx: Tx, credential: Credential, lock: boolean) => Promise<Actor>;
