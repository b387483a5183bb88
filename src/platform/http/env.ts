import type { HttpBindings } from "@hono/node-server";
import type { Body } from "./body.ts";
import type { Authenticated } from "./session.ts";

/** What our middlewares leave on the context for those after them. */
export interface HttpVariables {
  /** Ours; what the client sends under that name is not trusted. */
  requestId: string;
  /** Address of the client, seen through the trusted proxies only. */
  ip: string;
  /** Whether the client's own connection was encrypted; undefined when no trusted proxy says. */
  encrypted: boolean | undefined;
  /** Set by `secureHeaders`: the nonce of this response. */
  secureHeadersNonce: string;
  /** The pattern of the route, which goes into logs in place of the path. */
  route: string;
  /** Who sends the request, once that was looked up; after a step-up who they are since. */
  who: Authenticated | undefined;
  /** What was posted, once it was read. */
  body: Body | undefined;
  /** The response is a file that must not render in our origin. */
  download: boolean;
}

export interface HttpEnv {
  Variables: HttpVariables;
  /** Absent when a test calls the application without a server. */
  Bindings: Partial<HttpBindings>;
}
