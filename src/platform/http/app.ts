import { Hono } from "hono";
import { compress } from "hono/compress";
import { Refusal } from "../../door/refusal.ts";
import { assetFiles } from "./asset-files.ts";
import { clientIp } from "./client-ip.ts";
import { cspReports } from "./csp-report.ts";
import { encryptedFirst } from "./encrypted-first.ts";
import type { HttpEnv } from "./env.ts";
import { headers } from "./headers.ts";
import { watchRoutes } from "./health.ts";
import { createMetrics } from "./metrics.ts";
import { mount } from "./mount.ts";
import { observe } from "./observe.ts";
import type { HttpPorts } from "./ports.ts";
import { refused } from "./refused.ts";
import { requestId } from "./request-id.ts";
import { openStreams } from "./streams.ts";

/** The console as a web application. */
export interface HttpApp {
  app: Hono<HttpEnv>;
  /** Ends what would keep a stopping server open: the event streams. */
  end: () => void;
}

/**
 * Builds the application. The order of the middlewares is their meaning: an id and an address for everything that
 * follows, the line in the log around all, headers on every answer, compression inside them.
 */
export function createApp(ports: HttpPorts): HttpApp {
  const metrics = createMetrics();
  const streams = openStreams(ports.door, ports.log);
  const app = new Hono<HttpEnv>();
  app.use(requestId, clientIp(ports.trustedProxies), observe(ports.log, metrics));
  app.use(headers, encryptedFirst(ports.publicOrigin), compress({ threshold: 1024 }));
  watchRoutes(app, ports, metrics, streams);
  cspReports(app, ports.log, ports.clock);
  assetFiles(app, ports.assets.routes);
  mount(app, ports, streams);
  const answer = refused(ports);
  app.onError(answer);
  app.notFound(async (c) => {
    // within the console for whoever is signed in
    c.set("who", await ports.authenticate(c));
    return await answer(new Refusal("not-found", "not_found"), c);
  });
  return {
    app,
    end() {
      streams.end();
      metrics.close();
    },
  };
}
