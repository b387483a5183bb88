import { createMiddleware } from "hono/factory";
import { uuidv7 } from "../../door/ids.ts";
import type { HttpEnv } from "./env.ts";

/** Gives each request an id of our own. What the client sends under that name is not looked at. */
export const requestId = createMiddleware<HttpEnv>(async (c, next) => {
  const id = uuidv7();
  c.set("requestId", id);
  await next();
  c.res.headers.set("X-Request-Id", id);
});
