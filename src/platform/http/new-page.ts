import type { Context } from "hono";
import type { RequestFacts } from "../../door/event.ts";
import { Refusal } from "../../door/refusal.ts";
import type { Route } from "../module.ts";
import type { Body } from "./body.ts";
import { unpack } from "./carry.ts";
import { csrfTokens } from "./csrf.ts";
import { downloadAnswer } from "./download.ts";
import type { HttpEnv } from "./env.ts";
import { formOf, ownField } from "./form.ts";
import { clearSiteData } from "./headers.ts";
import { htmlAnswer } from "./html.ts";
import type { Page } from "./page.ts";
import type { HttpPorts } from "./ports.ts";
import { safeReturnTo } from "./return-to.ts";
import { type Authenticated, sessionBinding } from "./session.ts";
import type { Streams } from "./streams.ts";
import { submit } from "./submit.ts";
import { uploadOf } from "./upload.ts";
import type { ViewContext } from "./view.ts";

interface Received {
  ports: HttpPorts;
  streams: Streams;
  route: Route;
  c: Context<HttpEnv>;
  v: ViewContext;
  who: Authenticated;
  body: Body;
  query: Record<string, string>;
  request: RequestFacts;
}

/** The page that a handler gets, from what was received. */
export function newPage(received: Received): Page {
  const { ports, streams, route, c, v, who, body, query, request } = received;
  const { door } = ports;
  const { credential } = who;
  const form = formOf(body.fields);
  const key = formKey(ownField(body.fields, "key"));
  const options = (name: string) => ({
    request,
    ...(key === null ? {} : { idempotencyKey: `${key}:${name}` }),
  });
  // a look changes nothing, whoever is led to it (ASVS 3.5.3): commands are sent by forms, which the token protects
  const byForm = () => {
    if (c.req.method !== "POST") throw new Error(`${route.path} passes a command without a form`);
  };
  const carried = unpack(ports.formKey, ownField(body.fields, "carry"));

  const page: Page = {
    c,
    v,
    t: v.t,
    credential,
    viewer: who.actor,
    request,
    param: (name) => paramOf(c, name),
    query,
    fragment: v.fragment,
    form: async () => form,
    upload: async (wanted) => uploadOf(body.file, wanted),
    execute: async (command, input, part) => {
      byForm();
      const name = part === undefined ? command.name : `${command.name}:${part}`;
      return await door.execute(command, credential, input, options(name));
    },
    reveal: async (reveal, input) => {
      byForm();
      return await door.reveal(reveal, credential, input, options(reveal.name));
    },
    ask: async (query, input) => await door.ask(query, credential, input, request),
    submit: async (command, input, answers) =>
      await submit(
        { page, form, pages: ports.pages },
        async () => await page.execute(command, input),
        answers,
      ),
    html: async (node, status) => await htmlAnswer(c, node, status),
    redirect: (path, notice) => c.redirect(withNotice(safeReturnTo(path), notice), 303),
    download: (name, type, content) => downloadAnswer(c, name, type, content),
    stream: (stream) => streams.open(who, route.access, stream),
    carry: carried === null ? null : ownField(body.fields, "carry"),
    viewFor(session) {
      const binding = sessionBinding(session);
      return binding === null ? v : { ...v, csrf: csrfTokens(ports.formKey).make(binding) };
    },
    resume(session) {
      if (carried === null) return null;
      const { path, fields } = carried;
      const facts = { action: path, fields, why: "signed-in" } as const;
      return htmlAnswer(c, ports.pages.sendAgain(page.viewFor(session), facts));
    },
    forget(path) {
      c.header(...clearSiteData);
      return c.redirect(safeReturnTo(path), 303);
    },
  };
  return page;
}

/** The hidden key of a form; absent in forms that may act twice. */
function formKey(text: string): string | null {
  if (text === "") return null;
  if (!/^[\w-]{8,100}$/.test(text)) throw new Refusal("invalid", "malformed");
  return text;
}

/** A parameter that is no text cannot name anything of ours. */
function paramOf(c: Context<HttpEnv>, name: string): string {
  const value = c.req.param(name);
  if (value === undefined) throw new Error(`the route has no parameter ${name}`);
  if (value.includes("\0")) throw new Refusal("not-found", "not_found");
  return value;
}

function withNotice(path: string, notice: string | undefined): string {
  if (notice === undefined) return path;
  return `${path}${path.includes("?") ? "&" : "?"}notice=${encodeURIComponent(notice)}`;
}
