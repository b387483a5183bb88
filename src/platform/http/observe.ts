import { createMiddleware } from "hono/factory";
import type { Log } from "../log.ts";
import type { HttpEnv } from "./env.ts";
import type { Metrics } from "./metrics.ts";

/** Writes one line a request and counts it. The pattern of the route stands for the path, which may hold ids. */
export function observe(log: Log, metrics: Metrics) {
  return createMiddleware<HttpEnv>(async (c, next) => {
    const begun = performance.now();
    await next();
    const ms = Math.round((performance.now() - begun) * 10) / 10;
    const [method, route, status] = [c.req.method, c.get("route") ?? "", c.res.status];
    metrics.request({ method, route, status, seconds: ms / 1000 });
    const person = c.get("who")?.actor?.id;
    log.info("http_request", {
      request: c.get("requestId"),
      ip: c.get("ip"),
      method,
      route,
      status,
      ms,
      person,
    });
  });
}
