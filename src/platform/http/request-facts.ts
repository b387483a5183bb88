import type { Context } from "hono";
import { createHash } from "node:crypto";
import type { RequestFacts } from "../../door/event.ts";
import type { HttpEnv } from "./env.ts";

/** What the log keeps of a request; `route` is the pattern, never the path, and the browser only a digest. */
export function factsOf(c: Context<HttpEnv>, route: string): RequestFacts {
  const agent = c.req.header("user-agent");
  return {
    id: c.get("requestId"),
    ip: c.get("ip"),
    ...(agent === undefined
      ? {}
      : { ua_hash: createHash("sha256").update(agent).digest("hex").slice(0, 16) }),
    route,
    method: c.req.method,
  };
}
