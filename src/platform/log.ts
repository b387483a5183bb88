import { pino } from "pino";
import type { LogLevel } from "./config.ts";

/**
 * What the operator's log can say, and when. Names of the OWASP Logging Vocabulary where it has one; the message of a
 * line is always one of these words and never holds data (ASVS 1.3.10, 16.4.1). The audit log is another thing: who signed
 * in, and who did what, stands there.
 */
export const logEvents = {
  authz_fail: "somebody asked for what they may not have",
  excess_rate_limit_exceeded: "too many tries; the answer was to come back later",
  http_request: "a request was answered",
  input_validation_fail: "what was asked or typed is not valid",
  job_failed: "a job's run ended with an error",
  malicious_cors: "a form came from another site",
  malicious_csp_violation: "a browser refused something that a page of ours held",
  malicious_extraneous: "a body that is no form, or a field given twice",
  outbound_refused: "a call to another machine was refused or failed, TLS included",
  sequence_fail: "a form's token was missing, of an earlier sign-in or of another session",
  sys_crash: "an error that nobody caught, or the database lost for good; the process ends",
  sys_monitor_disabled: "something that /readyz asks for did not answer",
  sys_shutdown: "the console stops in good order",
  sys_startup: "the console listens",
  unexpected_error: "an error of ours; the request got a 500, or work went on without",
} as const;
export type LogEvent = keyof typeof logEvents;

/** The fields a line may have. Ids, codes and counts: a personal datum has no name here. */
export interface LogFields {
  /** Request id. */
  request?: string | undefined;
  ip?: string | undefined;
  method?: string | undefined;
  /** Pattern of the route, never the path. */
  route?: string | undefined;
  status?: number | undefined;
  /** Milliseconds. */
  ms?: number | undefined;
  /** Id of a person, or the name of a job. */
  person?: string | undefined;
  /** First characters of the stored hash of a session. */
  session?: string | undefined;
  command?: string | undefined;
  job?: string | undefined;
  code?: string | undefined;
  directive?: string | undefined;
  /** An origin or a host. */
  host?: string | undefined;
  port?: number | undefined;
  count?: number | undefined;
  bytes?: number | undefined;
  version?: string | undefined;
  error?: unknown;
}

export interface Log {
  info(event: LogEvent, fields?: LogFields): void;
  warn(event: LogEvent, fields?: LogFields): void;
  error(event: LogEvent, fields?: LogFields): void;
}

const names = new Set<string>([
  "request",
  "ip",
  "method",
  "route",
  "status",
  "ms",
  "person",
  "session",
  "command",
  "job",
  "code",
  "directive",
  "host",
  "port",
  "count",
  "bytes",
  "version",
] satisfies (keyof LogFields)[]);

const facts = new Set(["code", "constraint", "table", "column", "syscall", "kind"]);
const LONGEST = 200;

/** JSON lines with time in UTC, on standard output unless a test gives another place. */
export function createLog(level: LogLevel, destination?: { write(line: string): void }): Log {
  const options = {
    level,
    base: null,
    messageKey: "event",
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const out = destination === undefined ? pino(options) : pino(options, destination);
  return {
    info: (event, fields) => out.info(allowed(fields), event),
    warn: (event, fields) => out.warn(allowed(fields), event),
    error: (event, fields) => out.error(allowed(fields), event),
  };
}

/**
 * For tests that want none.
 * @internal
 */
export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** Types keep honest callers to the list; this keeps the others to it. */
function allowed(fields: LogFields = {}): Record<string, unknown> {
  const kept = Object.entries(fields)
    .filter(([name, value]) => names.has(name) && value !== undefined)
    .map(([name, value]) => [name, typeof value === "number" ? value : String(value).slice(0, LONGEST)]);
  return {
    ...Object.fromEntries(kept),
    ...(fields.error === undefined ? {} : { error: describe(fields.error) }),
  };
}

/**
 * An error without its message: a database quotes the offending value there, and that may be a person's.
 * What is left finds the place: type, code, constraint, and the frames of the stack.
 */
function describe(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  // what PostgreSQL's driver and node add to an error
  const details = Object.entries(error).filter(
    ([name, value]) => facts.has(name) && typeof value === "string",
  );
  return {
    type: error.name.slice(0, LONGEST),
    ...Object.fromEntries(details),
    at: framesOf(error),
    ...(error.cause === undefined ? {} : { cause: describe(error.cause) }),
  };
}

function framesOf(error: Error): string[] {
  return (error.stack ?? "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.startsWith("at "))
    .slice(0, 12);
}
