import type { Context } from "hono";
import type { HttpEnv } from "./env.ts";
import { plainName } from "./upload.ts";

/**
 * A file to be saved: attachment, nosniff, and a policy in which nothing of it could run (ASVS 3.2.1, 5.4.1). The
 * name is encoded for old readers and, in full, by RFC 6266 and 8187 (ASVS 5.4.2).
 */
export function downloadAnswer(
  c: Context<HttpEnv>,
  name: string,
  type: string,
  body: ReadableStream<Uint8Array> | Uint8Array | string,
): Response {
  c.set("download", true);
  c.header("Content-Type", type);
  c.header("Content-Disposition", contentDisposition(name));
  const sent = typeof body === "string" || body instanceof ReadableStream ? body : new Uint8Array(body);
  return c.body(sent);
}

export function contentDisposition(name: string): string {
  const plain = plainName(name);
  const ascii = plain.replaceAll(/[^A-Za-z0-9._ -]/g, "_");
  const full = encodeURIComponent(plain).replaceAll(
    /['()*!]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${full}`;
}
