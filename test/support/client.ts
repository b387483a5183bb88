import type { Hono } from "hono";
import type { HttpEnv } from "../../src/platform/http/env.ts";

type App = Pick<Hono<HttpEnv>, "request">;

/** A browser without a window: keeps cookies, fills forms in, follows nothing by itself. */
export class Client {
  readonly cookies = new Map<string, string>();
  readonly #app: App;
  readonly #origin: string;

  constructor(app: App, origin: string) {
    this.#app = app;
    this.#origin = origin;
  }

  /** Sends what is given, with the cookies, and keeps those that come back. */
  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.cookies.size > 0)
      headers.set("cookie", [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; "));
    const response = await this.#app.request(`${this.#origin}${path}`, { ...init, headers });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    return response;
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return await this.fetch(path, { headers });
  }

  /** Posts fields as a page of ours does, but with no token unless it is among them. */
  async post(
    path: string,
    fields: Readonly<Record<string, string>>,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return await this.fetch(path, {
      method: "POST",
      headers: { "sec-fetch-site": "same-origin", ...headers },
      body: new URLSearchParams(fields),
    });
  }

  /** Opens a page with a form and sends the form with these fields; `to` where the form leads elsewhere. */
  async submit(path: string, fields: Readonly<Record<string, string>>, to = path): Promise<Response> {
    return await this.post(to, { _csrf: await this.token(path), ...fields });
  }

  /** The token in the first form of a page. */
  async token(path: string): Promise<string> {
    const response = await this.get(path);
    const token = /name="_csrf" value="([^"]+)"/.exec(await response.text())?.[1];
    if (token === undefined) throw new Error(`${path} (${response.status}) has no form with a token`);
    return token;
  }

  #keep(line: string): void {
    const [pair = ""] = line.split(";");
    const at = pair.indexOf("=");
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    if (value === "" || /;\s*max-age=0\b/i.test(line)) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}
