import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { createMiddleware } from "hono/factory";
import { Refusal } from "../../door/refusal.ts";
import type { HttpEnv } from "./env.ts";

const safe = new Set(["GET", "HEAD", "OPTIONS"]);
const SALT_BYTES = 16;
const MAC_BYTES = 32;

/**
 * Every unsafe request, of whatever content type, comes from a page of ours: `Sec-Fetch-Site: same-origin`, or, from
 * a browser that does not say, an `Origin` equal to the public origin (ASVS 3.5.1, 3.5.2). Without a configured
 * origin the console is reached on loopback only, and its own `Host` is that origin.
 */
export function sameOrigin(publicOrigin: string | undefined) {
  return createMiddleware<HttpEnv>(async (c, next) => {
    if (!safe.has(c.req.method)) {
      const site = c.req.header("sec-fetch-site");
      const ours =
        site === undefined
          ? isOurs(c.req.header("origin"), publicOrigin, c.req.header("host"))
          : site === "same-origin";
      if (!ours) throw new Refusal("denied", "cross_origin");
    }
    await next();
  });
}

function isOurs(
  origin: string | undefined,
  publicOrigin: string | undefined,
  host: string | undefined,
): boolean {
  if (origin === undefined) return false;
  if (publicOrigin !== undefined) return origin === publicOrigin;
  const hostname = URL.parse(origin)?.hostname ?? "";
  // a literal loopback name: a foreign name that points here has another origin
  return origin === `http://${host}` && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

/** What a token is bound to: a sign-in or, before there is one, a cookie of the browser; and the person, once known. */
export interface Binding {
  to: string;
  person: string | null;
}

/** Tokens of forms. */
export interface CsrfTokens {
  make(binding: Binding): string;
  /** `expired`: made by us for this person, but in another sign-in of theirs. Nobody else can have such a one. */
  check(token: string, binding: Binding): "ours" | "expired" | "forged";
}

/** `key`: 32 bytes of the installation. A token is salted, so that it reads differently on every compressed page. */
export function csrfTokens(key: Buffer): CsrfTokens {
  const mac = (what: "csrf" | "csrf-person", salt: Buffer, of: string) =>
    createHmac("sha256", key).update(`${what}\0`).update(salt).update(of).digest();
  return {
    make({ to, person }) {
      const salt = randomBytes(SALT_BYTES);
      return Buffer.concat([
        salt,
        mac("csrf", salt, to),
        // of nobody it says nothing: everybody can get a token of nobody
        person === null ? randomBytes(MAC_BYTES) : mac("csrf-person", salt, person),
      ]).toString("base64url");
    },
    check(token, { to, person }) {
      const bytes = Buffer.from(token, "base64url");
      if (bytes.length !== SALT_BYTES + 2 * MAC_BYTES) return "forged";
      const [salt, first, second] = [
        bytes.subarray(0, SALT_BYTES),
        bytes.subarray(SALT_BYTES, SALT_BYTES + MAC_BYTES),
        bytes.subarray(SALT_BYTES + MAC_BYTES),
      ];
      if (timingSafeEqual(first, mac("csrf", salt, to))) return "ours";
      if (person !== null && timingSafeEqual(second, mac("csrf-person", salt, person))) return "expired";
      return "forged";
    },
  };
}
