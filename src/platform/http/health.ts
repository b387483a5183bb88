import type { Context, Hono } from "hono";
import { Refusal } from "../../door/refusal.ts";
import type { HttpEnv } from "./env.ts";
import { socketPeer } from "./client-ip.ts";
import type { Metrics } from "./metrics.ts";
import type { HttpPorts } from "./ports.ts";
import type { Streams } from "./streams.ts";

/** A check that takes longer has failed. */
const CHECK_MS = 2000;

/**
 * For whoever watches the process. `/healthz`: it runs. `/readyz`: what it needs answers, by name and without reasons,
 * which are for the log. `/metrics`: to loopback only, and not through a proxy.
 */
export function watchRoutes(app: Hono<HttpEnv>, ports: HttpPorts, metrics: Metrics, streams: Streams): void {
  app.get("/healthz", (c) => {
    c.set("route", "/healthz");
    return c.text("ok\n");
  });
  app.get("/readyz", async (c) => {
    c.set("route", "/readyz");
    const checks = await Promise.all(
      Object.entries(ports.ready).map(
        async ([name, check]) => [name, (await passes(ports, check)) ? "ok" : "failed"] as const,
      ),
    );
    return c.json(Object.fromEntries(checks), checks.every(([, state]) => state === "ok") ? 200 : 503);
  });
  app.get("/metrics", async (c) => {
    c.set("route", "/metrics");
    if (!isLocal(c)) throw new Refusal("not-found", "not_found");
    const gauges = { gatehouse_streams_open: streams.count(), ...(await ports.gauges?.()) };
    return c.body(metrics.text(gauges), 200, { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" });
  });
}

async function passes(ports: HttpPorts, check: () => Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the check took too long")), CHECK_MS);
  });
  try {
    await Promise.race([check(), late]);
    return true;
  } catch (error) {
    ports.log.warn("sys_monitor_disabled", { error });
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/** From this machine itself: a proxy on it would add its header. */
function isLocal(c: Context<HttpEnv>): boolean {
  const forwarded = c.req.header("x-forwarded-for") ?? c.req.header("forwarded");
  return forwarded === undefined && /^(127\.|::1$|::ffff:127\.)/.test(socketPeer(c));
}
