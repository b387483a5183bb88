import type { Context } from "hono";
import type { RequestFacts } from "../../door/event.ts";
import { Refusal } from "../../door/refusal.ts";
import type { RouteAccess } from "../module.ts";
import type { HttpEnv } from "./env.ts";
import type { HttpPorts } from "./ports.ts";
import type { Authenticated } from "./session.ts";

/**
 * Stands before one route. Lets pass, or gives the answer for somebody who has to go elsewhere first, or refuses.
 * Who passes here still has to pass the door: this guard keeps handlers from running for those who may not use them.
 */
export async function guard(
  ports: HttpPorts,
  access: RouteAccess,
  c: Context<HttpEnv>,
  who: Authenticated,
  request: RequestFacts,
): Promise<Response | null> {
  if (access === "public") return null;
  if (access === "half") {
    if (who.half !== null) return null;
    if (who.actor !== null) return goTo(c, "/");
    throw new Refusal("denied", "sign_in");
  }
  if (who.half !== null) return goTo(c, who.half.next);
  if (who.actor === null) throw new Refusal("denied", "sign_in");
  if (access === "anyone" || who.actor.permissions.has(access.name)) return null;
  await ports.turnedAway?.(who.credential, access.name, request);
  throw new Refusal("denied", "permission");
}

function goTo(c: Context<HttpEnv>, path: string): Response {
  if (c.req.header("hx-request") !== "true") return c.redirect(path, 303);
  c.header("HX-Redirect", path);
  return c.body(null, 401);
}
