import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { randomBytes } from "node:crypto";
import type { HttpEnv } from "./env.ts";

const wellFormed = /^[\w-]{43}$/;

/**
 * A random value that binds the token of a form to this browser before there is a session: signing in is a form too
 * (login CSRF). Lax, because a person comes to the sign-in page from a link in a mail; it opens nothing by itself.
 */
export function preSession(c: Context<HttpEnv>, secure: boolean): string {
  const name = secure ? "__Host-gatehouse-form" : "gatehouse-form";
  const known = getCookie(c, name);
  if (known !== undefined && wellFormed.test(known)) return known;
  const value = randomBytes(32).toString("base64url");
  setCookie(c, name, value, { httpOnly: true, secure, sameSite: "Lax", path: "/" });
  return value;
}
