import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { HttpEnv } from "../platform/http/env.ts";
import { type Language, languages } from "../platform/i18n/index.ts";

/**
 * The cookies of a person. Over TLS they carry the `__Host-` prefix: this host only, this path, never without TLS.
 * Over plain HTTP the console listens on loopback only, and uses another name, because not every browser takes Secure
 * cookies there.
 */
export interface Cookies {
  session(c: Context<HttpEnv>): string | null;
  /** No Max-Age: the cookie ends with the browser, the session earlier. */
  setSession(c: Context<HttpEnv>, token: string): void;
  clearSession(c: Context<HttpEnv>): void;
  device(c: Context<HttpEnv>): string | null;
  setDevice(c: Context<HttpEnv>, token: string, days: number): void;
  /** The language chosen before sign-in. */
  language(c: Context<HttpEnv>): Language | null;
  setLanguage(c: Context<HttpEnv>, language: Language): void;
}

/** What our tokens look like: 25 bytes in lucia's base32, 32 bytes in base64url. Anything else is nobody's. */
const wellFormed = /^[\w-]{40,43}$/;

export function cookiesFor(secure: boolean): Cookies {
  const session = secure ? "__Host-gatehouse" : "gatehouse";
  const device = secure ? "__Host-gatehouse-device" : "gatehouse-device";
  const language = secure ? "__Host-gatehouse-language" : "gatehouse-language";
  const attributes = { httpOnly: true, secure, sameSite: "Strict", path: "/" } as const;
  const read = (c: Context<HttpEnv>, name: string) => {
    const value = getCookie(c, name);
    return value !== undefined && wellFormed.test(value) ? value : null;
  };
  return {
    session: (c) => read(c, session),
    setSession: (c, token) => setCookie(c, session, token, attributes),
    clearSession: (c) => void deleteCookie(c, session, attributes),
    device: (c) => read(c, device),
    setDevice: (c, token, days) => setCookie(c, device, token, { ...attributes, maxAge: days * 86_400 }),
    language(c) {
      const value = getCookie(c, language);
      return languages.find((known) => known === value) ?? null;
    },
    setLanguage: (c, value) => setCookie(c, language, value, { ...attributes, maxAge: 365 * 86_400 }),
  };
}
