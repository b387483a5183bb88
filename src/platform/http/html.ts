import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { HttpEnv } from "./env.ts";
import type { Node } from "./page.ts";

/** Sends a page or fragment. Its length is named, so that short ones are not compressed. */
export async function htmlAnswer(
  c: Context<HttpEnv>,
  node: Node,
  status: ContentfulStatusCode = 200,
): Promise<Response> {
  const text = String(await node);
  c.header("Content-Type", "text/html; charset=UTF-8");
  c.header("Content-Length", String(Buffer.byteLength(text)));
  // the same address answers htmx with a part and everybody in their language
  c.header("Vary", "HX-Request, HX-Request-Type, Accept-Language");
  return c.newResponse(text, { status });
}
