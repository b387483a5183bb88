import { describe, expect, test } from "vitest";
import { csrfTokens } from "../../../src/platform/http/csrf.ts";
import { noteRoutes } from "./routes.tsx";
import { origin, testApp } from "./support.ts";

const unsafe = noteRoutes.filter(({ method }) => method === "post").map(({ path }) => path);
const types = [
  "application/x-www-form-urlencoded",
  "application/json",
  "text/plain",
  "multipart/form-data; boundary=b",
];
const senders: [name: string, headers: Record<string, string>][] = [
  ["a cross-site page", { "sec-fetch-site": "cross-site", origin: "https://evil.example" }],
  ["a same-site neighbour", { "sec-fetch-site": "same-site", origin: "https://shop.mall.example" }],
  ["an address typed by hand", { "sec-fetch-site": "none" }],
  ["a client that says nothing", {}],
  ["another origin, from an old browser", { origin: "https://evil.example" }],
  ["an opaque origin", { origin: "null" }],
  ["our origin over http", { origin: "http://mall.example" }],
  ["our name with another port", { origin: "https://mall.example:8443" }],
  ["a cross-site page that lies about its origin", { "sec-fetch-site": "cross-site", origin }],
];

describe.each(unsafe)("POST %s (ASVS 3.5.1, 3.5.2)", (path) => {
  test.each(senders)("is refused from %s, whatever the content type", async (_sender, headers) => {
    const { fetch, passed, token } = testApp(noteRoutes);
    const _csrf = await token();
    for (const type of types) {
      const body = new URLSearchParams({ _csrf, text: "hello" }).toString();
      const response = await fetch(path, {
        method: "POST",
        who: "full",
        headers: { ...headers, "content-type": type },
        body,
      });
      expect(response.status).toBe(403);
    }
    expect(passed).toEqual([]);
  });

  test("is refused without its token, with somebody else's, and with a torn one", async () => {
    const { fetch, passed, token } = testApp(noteRoutes);
    const good = await token();
    const foreign = csrfTokens(Buffer.alloc(32)).make({ to: "s".repeat(64), person: null });
    for (const _csrf of ["", foreign, good.slice(0, -2), `${good}AA`, "💥"]) {
      const response = await fetch(path, {
        method: "POST",
        who: "full",
        headers: { "sec-fetch-site": "same-origin" },
        body: new URLSearchParams({ _csrf, to: "/" }),
      });
      expect(response.status).toBe(403);
    }
    expect(passed).toEqual([]);
  });
});

test("an old browser of ours is known by its origin", async () => {
  const { fetch, token } = testApp(noteRoutes);
  const body = new URLSearchParams({ _csrf: await token(), text: "hello" });
  const response = await fetch("/notes", { method: "POST", who: "full", headers: { origin }, body });
  expect(response.status).toBe(303);
});

test("without a public origin only a loopback page may post", async () => {
  const { app } = testApp(noteRoutes, { publicOrigin: undefined });
  const from = async (host: string, sent: string) => {
    const headers = { host, origin: sent, "content-type": "text/plain" };
    return (await app.request(`http://${host}/hello`, { method: "POST", headers, body: "x" })).status;
  };
  // past the rule it is the content type that is wrong
  expect(await from("127.0.0.1:8080", "http://127.0.0.1:8080")).toBe(415);
  expect(await from("localhost:8080", "http://localhost:8080")).toBe(415);
  expect(await from("[::1]:8080", "http://[::1]:8080")).toBe(415);
  expect(await from("rebound.example:8080", "http://rebound.example:8080")).toBe(403);
  expect(await from("127.0.0.1:8080", "http://127.0.0.1:9999")).toBe(403);
});

test("a token of before a renewal offers the form once more instead of losing it", async () => {
  const { fetch, post } = testApp(noteRoutes);
  const expired = csrfTokens(Buffer.alloc(32)).make({ to: "older", person: null });
  const response = await post("/notes", { text: "long thought", _csrf: expired });
  expect(response.status).toBe(403);
  const html = await response.text();
  expect(html).toContain('name="text" value="long thought"');
  const fresh = /name="_csrf" value="([^"]+)"/.exec(html.slice(html.indexOf("<main")))?.[1] ?? "";
  const again = await fetch("/notes", {
    method: "POST",
    who: "full",
    headers: { "sec-fetch-site": "same-origin" },
    body: new URLSearchParams({ _csrf: fresh, text: "long thought" }),
  });
  expect(again.status).toBe(303);
});

test("but a form with a password is not put into a page", async () => {
  const { post } = testApp(noteRoutes);
  const response = await post("/notes", { text: "x", new_password: "hunter2hunter2", _csrf: "" });
  expect(response.status).toBe(403);
  expect(await response.text()).not.toContain("hunter2");
});

test("before sign-in a form is bound to the browser's own cookie", async () => {
  const { fetch } = testApp(noteRoutes);
  const page = await fetch("/hello");
  const setCookie = page.headers.get("set-cookie") ?? "";
  expect(setCookie).toMatch(/^__Host-gatehouse-form=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  const _csrf = /name="_csrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? "";
  const send = async (cookie: string) =>
    (
      await fetch("/hello", {
        method: "POST",
        headers: { "sec-fetch-site": "same-origin", cookie },
        body: new URLSearchParams({ _csrf, to: "/notes" }),
      })
    ).status;
  expect(await send(setCookie.split(";")[0] ?? "")).toBe(303);
  expect(await send(`__Host-gatehouse-form=${"A".repeat(43)}`)).toBe(403);
  expect(await send("")).toBe(403);
});

test("a token reads differently on every page, and is good on each", () => {
  const tokens = csrfTokens(Buffer.alloc(32, 7));
  const [one, two] = [
    { to: "one", person: "li" },
    { to: "two", person: "wei" },
  ];
  const [a, b] = [tokens.make(one), tokens.make(one)];
  expect(a).not.toBe(b);
  expect([tokens.check(a, one), tokens.check(b, one), tokens.check(a, two)]).toEqual([
    "ours",
    "ours",
    "forged",
  ]);
});

test("a person's token of an earlier sign-in is expired, and that of anybody else or of nobody is forged", () => {
  const tokens = csrfTokens(Buffer.alloc(32, 7));
  const now = { to: "now", person: "li" };
  expect(tokens.check(tokens.make({ to: "before", person: "li" }), now)).toBe("expired");
  expect(tokens.check(tokens.make({ to: "before", person: "wei" }), now)).toBe("forged");
  expect(tokens.check(tokens.make({ to: "before", person: null }), now)).toBe("forged");
  const other = csrfTokens(Buffer.alloc(32, 8)).make({ to: "before", person: "li" });
  expect(tokens.check(other, now)).toBe("forged");
});
