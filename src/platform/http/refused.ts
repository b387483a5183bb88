import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { Refusal } from "../../door/refusal.ts";
import { isOutage } from "../../door/transaction.ts";
import type { LogEvent } from "../log.ts";
import type { HttpEnv } from "./env.ts";
import { holdsSecret } from "./carry.ts";
import { type Fields, ownField, repeatableFields } from "./form.ts";
import { htmlAnswer } from "./html.ts";
import type { HttpPorts } from "./ports.ts";
import { safeReturnTo } from "./return-to.ts";
import { nobody } from "./session.ts";
import { factsOf } from "./request-facts.ts";
import { signInFirst } from "./sign-in-first.ts";
import { statusOf } from "./status.ts";
import { needOf } from "./step-up.ts";
import { viewOf } from "./views.ts";

const logged: Partial<Record<string, LogEvent>> = {
  cross_origin: "malicious_cors",
  forged: "sequence_fail",
  expired: "sequence_fail",
  malformed: "malicious_extraneous",
  repeated: "malicious_extraneous",
  denied: "authz_fail",
  "step-up-required": "authz_fail",
  invalid: "input_validation_fail",
  throttled: "excess_rate_limit_exceeded",
};

/**
 * Answers every refusal and every unexpected error, in the person's language: the one map from the door's no to HTTP.
 * An error that is no refusal is told to the operator's log, and to the person only by the id of the request.
 */
export function refused(ports: HttpPorts) {
  return async (error: unknown, c: Context<HttpEnv>): Promise<Response> => {
    const refusal = error instanceof Refusal ? error : unexpected(ports, error, c);
    const event = logged[refusal.code] ?? logged[refusal.kind];
    if (event !== undefined) ports.log.warn(event, { ...facts(c), code: refusal.code });
    try {
      await tellForged(ports, refusal, c);
      return await answer(ports, refusal, c);
    } catch (failure) {
      ports.log.error("unexpected_error", { ...facts(c), error: failure });
      return plainAnswer(c, statusOf(refusal) < 500 ? 500 : statusOf(refusal));
    }
  };
}

/** Forged forms are an attack on somebody, and belong into the audit log beside what they wanted to do. */
async function tellForged(ports: HttpPorts, { code }: Refusal, c: Context<HttpEnv>): Promise<void> {
  if (code !== "forged" && code !== "cross_origin") return;
  const request = factsOf(c, c.get("route") ?? "");
  await ports.forged?.(c.get("who")?.credential ?? nobody.credential, code, request);
}

async function answer(ports: HttpPorts, refusal: Refusal, c: Context<HttpEnv>): Promise<Response> {
  const status = statusOf(refusal);
  if (status === 401) return await signInFirst(ports, c);
  const who = c.get("who") ?? nobody;
  const v = await viewOf(ports, c, who, status >= 500 ? "bare" : undefined);
  const { retryAfter, approval } = refusal.details;
  if (retryAfter !== undefined) c.header("Retry-After", String(Math.ceil(retryAfter)));
  const body = c.get("body");
  const repeatable = c.req.method === "POST" && body !== undefined && who.actor !== null;

  if (refusal.kind === "pending-approval")
    return await htmlAnswer(c, ports.pages.pending(v, approval ?? null), status);
  if (refusal.kind === "step-up-required" && repeatable) {
    const need = refusal.details.stepUp ?? needOf(body.fields);
    if (need !== null) {
      const problem = refusal.code === "step_up" ? null : ports.pages.refusal(v.t, refusal);
      const fileLost = body.file !== null;
      const fields = repeatableFields(body.fields);
      const back = backFrom(c, body.fields);
      const page = ports.pages.stepUp(v, { need, action: v.path, fields, back, problem, fileLost });
      return await htmlAnswer(c, page, status);
    }
  }
  const another = refusal.code === "forged" || refusal.code === "expired";
  if (another && repeatable && body.file === null && !holdsSecret(body.fields)) {
    const page = ports.pages.sendAgain(v, {
      action: v.path,
      fields: repeatableFields(body.fields),
      why: "expired",
    });
    return await htmlAnswer(c, page, status);
  }
  const page = ports.pages.error(v, {
    status,
    message: ports.pages.refusal(v.t, refusal),
    issues: (refusal.details.issues ?? []).map((issue) => `${issue.path}: ${ports.pages.issue(v.t, issue)}`),
    retryAfter: retryAfter ?? null,
  });
  return await htmlAnswer(c, page, status);
}

/** The page that the form stood on: as an earlier step-up remembers it, else as the browser names it. */
function backFrom(c: Context<HttpEnv>, fields: Fields): string {
  const remembered = ownField(fields, "back");
  if (remembered !== "") return safeReturnTo(remembered);
  const from = URL.parse(c.req.header("referer") ?? "");
  return from === null ? "/" : safeReturnTo(from.pathname + from.search);
}

function unexpected(ports: HttpPorts, error: unknown, c: Context<HttpEnv>): Refusal {
  if (isOutage(error)) return new Refusal("unavailable", "database", { retryAfter: 2, cause: error });
  ports.log.error("unexpected_error", { ...facts(c), error });
  return new Refusal("unavailable", "unexpected", { cause: error });
}

function facts(c: Context<HttpEnv>) {
  return {
    request: c.get("requestId"),
    ip: c.get("ip"),
    method: c.req.method,
    route: c.get("route"),
    person: c.get("who")?.actor?.id,
  };
}

/** When not even a page can be made: the request id, in both languages. */
function plainAnswer(c: Context<HttpEnv>, status: ContentfulStatusCode): Response {
  const id = c.get("requestId");
  return c.body(
    `暂时无法显示此页面。请求编号：${id}\nThis page cannot be shown right now. Request: ${id}\n`,
    {
      status,
      headers: { "Content-Type": "text/plain; charset=UTF-8" },
    },
  );
}
