import { createMiddleware } from "hono/factory";
import type { HttpEnv } from "./env.ts";

/** Asked by machines, which should learn of a wrong address by an error and not by a redirect (ASVS 4.1.2). */
const machines = /^\/(healthz|readyz|metrics|csp-report|log|hooks)(\/|$)/;

/** Leads a page that a trusted proxy took in the clear to its encrypted address. */
export function encryptedFirst(publicOrigin: string | undefined) {
  const required = publicOrigin?.startsWith("https:") ?? false;
  return createMiddleware<HttpEnv>(async (c, next) => {
    const inTheClear = c.get("encrypted") === false;
    if (required && inTheClear && c.req.method === "GET" && !machines.test(c.req.path)) {
      const { pathname, search } = new URL(c.req.url);
      return c.redirect(`${publicOrigin}${pathname}${search}`, 308);
    }
    return await next();
  });
}
