import type { Hono } from "hono";
import { z } from "zod";
import type { Clock } from "../../door/clock.ts";
import type { Log } from "../log.ts";
import type { HttpEnv } from "./env.ts";
import { cspReportPath } from "./headers.ts";

const REPORT_BYTES = 16 * 1024;
/** Lines a minute; what is beyond is counted in the next minute's first line. */
const LINES = 20;

const text = z.string().optional().catch(undefined);
/** What browsers send for `report-uri`, and, in a list, for `report-to`. */
const violation = z.object({
  "effective-directive": text,
  effectiveDirective: text,
  "violated-directive": text,
  "blocked-uri": text,
  blockedURL: text,
});
const report = z.union([
  z.object({ "csp-report": violation }).transform((sent) => [sent["csp-report"]]),
  z.array(z.object({ body: violation })).transform((sent) => sent.map(({ body }) => body)),
]);

/**
 * Takes the browsers' reports of what the content security policy stopped (ASVS 3.4.7). Anybody may post here and no
 * cookie is read, so only the directive and the blocked origin are logged, and not many a minute.
 */
export function cspReports(app: Hono<HttpEnv>, log: Log, clock: Clock): void {
  let minute = 0;
  let lines = 0;
  let unwritten = 0;
  app.post(cspReportPath, async (c) => {
    c.set("route", cspReportPath);
    for (const seen of await violations(c.req.raw)) {
      const now = Math.floor(clock.now().getTime() / 60_000);
      if (now !== minute) [minute, lines] = [now, 0];
      if (lines >= LINES) {
        unwritten += 1;
        continue;
      }
      const directive = seen["effective-directive"] ?? seen.effectiveDirective ?? seen["violated-directive"];
      const count = unwritten;
      [lines, unwritten] = [lines + 1, 0];
      log.warn("malicious_csp_violation", {
        request: c.get("requestId"),
        ip: c.get("ip"),
        directive: /^[a-z-]{1,40}/.exec(directive ?? "")?.[0],
        host: originOf(seen["blocked-uri"] ?? seen.blockedURL),
        ...(count > 0 ? { count } : {}),
      });
    }
    return c.body(null, 204);
  });
}

async function violations(request: Request): Promise<z.infer<typeof violation>[]> {
  let body = "";
  const decoder = new TextDecoder();
  for await (const chunk of request.body ?? []) {
    body += decoder.decode(chunk, { stream: true });
    if (body.length > REPORT_BYTES) return [];
  }
  try {
    return report.parse(JSON.parse(body)).slice(0, LINES);
  } catch {
    // not a report: there is nobody to tell
    return [];
  }
}

/** The origin, or the keyword (`inline`, `eval`) that browsers send in its place. */
function originOf(blocked: string | undefined): string | undefined {
  const url = URL.parse(blocked ?? "");
  return url === null ? /^[a-z-]{1,30}$/.exec(blocked ?? "")?.[0] : url.origin;
}
