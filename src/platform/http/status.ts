import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Refusal, RefusalKind } from "../../door/refusal.ts";

const byKind: Record<RefusalKind, ContentfulStatusCode> = {
  denied: 403,
  invalid: 422,
  conflict: 409,
  "not-found": 404,
  "pending-approval": 202,
  // not 401, which would ask for an HTTP authentication that there is none of
  "step-up-required": 403,
  frozen: 423,
  throttled: 429,
  unavailable: 503,
};

/** Refusals of this layer that HTTP has a better word for. */
const byCode: Record<string, ContentfulStatusCode> = {
  malformed: 400,
  repeated: 400,
  sign_in: 401,
  session_ended: 401,
  session_idle: 401,
  person_disabled: 401,
  method_not_allowed: 405,
  too_large: 413,
  media_type: 415,
  unexpected: 500,
};

/** The one place where a refusal becomes a status. */
export function statusOf(refusal: Refusal): ContentfulStatusCode {
  return byCode[refusal.code] ?? byKind[refusal.kind];
}
