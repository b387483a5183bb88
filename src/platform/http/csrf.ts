import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { createMiddleware } from "hono/factory";
import { Refusal } from "../../door/refusal.ts";
import type { HttpEnv } from "./env.ts";

const safe = new Set(["GET", "HEAD", "OPTIONS"]);
const SALT_BYTES = 16;

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

/** Tokens of forms, bound to a session or, before there is one, to a cookie of the browser. */
export interface CsrfTokens {
  make(binding: string): string;
  check(token: string, binding: string): boolean;
}

/** `key`: 32 bytes of the installation. A token is salted, so that it reads differently on every compressed page. */
export function csrfTokens(key: Buffer): CsrfTokens {
  const mac = (salt: Buffer, binding: string) =>
    createHmac("sha256", key).update("csrf\0").update(salt).update(binding).digest();
  return {
    make(binding) {
      const salt = randomBytes(SALT_BYTES);
      return Buffer.concat([salt, mac(salt, binding)]).toString("base64url");
    },
    check(token, binding) {
      const bytes = Buffer.from(token, "base64url");
      if (bytes.length !== SALT_BYTES + 32) return false;
      return timingSafeEqual(bytes.subarray(SALT_BYTES), mac(bytes.subarray(0, SALT_BYTES), binding));
    },
  };
}
