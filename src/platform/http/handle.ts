import type { Context } from "hono";
import { Refusal } from "../../door/refusal.ts";
import type { Route } from "../module.ts";
import { type Body, FORM_BYTES, readBody, urlencoded } from "./body.ts";
import { csrfTokens } from "./csrf.ts";
import type { HttpEnv } from "./env.ts";
import { onlyOnce, ownField } from "./form.ts";
import { guard } from "./guard.ts";
import { newPage } from "./new-page.ts";
import type { HttpPorts } from "./ports.ts";
import { factsOf } from "./request-facts.ts";
import { stepUpFirst } from "./step-up.ts";
import type { Streams } from "./streams.ts";
import { bindingOf, viewOf } from "./views.ts";

const nothing: Body = { fields: [], file: null };

/**
 * The way of every request to its handler: who, what was sent, may they come here, is the form ours, is there a proof
 * with it. A handler runs only after all of it; what is thrown on the way is answered by `refused`.
 */
export function handle(ports: HttpPorts, streams: Streams, route: Route) {
  const tokens = csrfTokens(ports.formKey);
  return async (c: Context<HttpEnv>): Promise<Response> => {
    c.set("route", route.path);
    const request = factsOf(c, route.path);
    const sender = await ports.authenticate(c, route);
    c.set("who", sender);
    const posted = c.req.method === "POST";
    const body = posted ? await readBody(c.req.raw, route.limit ?? FORM_BYTES) : nothing;
    c.set("body", body);
    const query = onlyOnce(urlencoded(new URL(c.req.url).search.slice(1)));

    const elsewhere = await guard(ports, route.access, c, sender, request);
    if (elsewhere !== null) return elsewhere;
    if (posted) {
      const token = tokens.check(ownField(body.fields, "csrf"), bindingOf(ports, c, sender));
      if (token !== "ours") throw new Refusal("denied", token);
    }
    const who = await stepUpFirst(ports.stepUp, c, sender, body.fields, request);
    c.set("who", who);

    const v = await viewOf(ports, c, who);
    return await route.handle(newPage({ ports, streams, route, c, v, who, body, query, request }));
  };
}
