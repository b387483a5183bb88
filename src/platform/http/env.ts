import type { HttpBindings } from "@hono/node-server";

/** What our middlewares leave on the context for those after them. */
export interface HttpVariables {
  /** Ours; what the client sends under that name is not trusted. */
  requestId: string;
  /** Address of the client, seen through the trusted proxies only. */
  ip: string;
  /** Whether the client's own connection was encrypted, as far as a trusted proxy says so. */
  encrypted: boolean;
  /** Set by `secureHeaders`: the nonce of this response. */
  secureHeadersNonce: string;
  /** The pattern of the route, which goes into logs in place of the path. */
  route: string;
  /** Id of whoever acts, for the access log. */
  person: string;
  /** The response is a file that must not render in our origin. */
  download: boolean;
}

export interface HttpEnv {
  Variables: HttpVariables;
  /** Absent when a test calls the application without a server. */
  Bindings: Partial<HttpBindings>;
}
