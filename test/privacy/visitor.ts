import { setTimeout as delay } from "node:timers/promises";
import { generateSync } from "otplib";
import type { DemoAccount } from "../../src/demo/accounts.ts";
import { Client } from "../support/client.ts";

const STEP_MS = 30_000;

/** Somebody of the demo at a console that listens: signs in, fills forms in, proves who they are when asked. */
export class Visitor {
  readonly #account: DemoAccount;
  readonly #client: Client;
  #step = 0;

  constructor(origin: string, account: DemoAccount) {
    this.#account = account;
    const request = async (input: Request | string | URL, init?: RequestInit) =>
      await fetch(input, { ...init, redirect: "manual" });
    this.#client = new Client({ request }, origin);
  }

  async signIn(): Promise<void> {
    const { login, password } = this.#account;
    await expectStatus(await this.#client.submit("/sign-in", { login, password }), 303);
    await expectStatus(await this.#client.submit("/sign-in/code", { code: await this.#code() }), 303);
  }

  async page(path: string): Promise<string> {
    return await (await this.#client.get(path)).text();
  }

  /** Opens a page, fills its form in and sends it; its hidden fields come along, and the proof when one is asked for. */
  async send(
    page: string,
    fields: Readonly<Record<string, string>>,
    to = page,
  ): Promise<{ status: number; location: string; text: string }> {
    const html = await this.page(page);
    const hidden = hiddenIn(formFor(html, to));
    const response = await this.#client.post(to, { ...hidden, ...fields });
    const text = await response.text();
    if (!text.includes('name="_stepup_code"')) return answerOf(response, text);
    const again = { ...hiddenIn(formFor(text, to)), ...(await this.#proof(text)) };
    const second = await this.#client.post(to, again);
    return answerOf(second, await second.text());
  }

  async upload(page: string, name: string, content: string): Promise<{ status: number; location: string }> {
    const body = new FormData();
    body.set("_csrf", await this.#client.token(page));
    body.set("file", new File([content], name, { type: "text/csv" }));
    const headers = { "sec-fetch-site": "same-origin" };
    const response = await this.#client.fetch(page, { method: "POST", headers, body });
    return answerOf(response, await response.text());
  }

  async #proof(html: string): Promise<Record<string, string>> {
    const code = await this.#code();
    const bound = html.includes('name="_stepup_password"');
    return { _stepup_code: code, ...(bound ? { _stepup_password: this.#account.password } : {}) };
  }

  /** A code that was not used yet: of this half minute, or of the next, which is taken as well. */
  async #code(): Promise<string> {
    for (;;) {
      const now = Math.floor(new Date().getTime() / STEP_MS);
      const step = Math.max(this.#step + 1, now);
      if (step <= now + 1) {
        this.#step = step;
        return generateSync({ secret: this.#account.totpSecret, epoch: (step * STEP_MS) / 1_000 });
      }
      await delay(1_000);
    }
  }
}

function answerOf(response: Response, text: string) {
  return { status: response.status, location: response.headers.get("location") ?? "", text };
}

/** The form of a page that leads to an address; of several the first, of none the whole page. */
function formFor(html: string, to: string): string {
  const forms = html.match(/<form[^]*?<\/form>/g) ?? [];
  return forms.find((form) => form.includes(`action="${to}"`)) ?? html;
}

function hiddenIn(html: string): Record<string, string> {
  const inputs = html.match(/<input[^>]*type="hidden"[^>]*>/g) ?? [];
  return Object.fromEntries(inputs.map((input) => [attribute(input, "name"), attribute(input, "value")]));
}

function attribute(tag: string, name: string): string {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? "";
  return value
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&amp;", "&");
}

async function expectStatus(response: Response, status: number): Promise<void> {
  if (response.status !== status)
    throw new Error(`${response.status} instead of ${status}: ${await response.text()}`);
}
