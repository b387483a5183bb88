import { expect, test } from "vitest";
import { noteRoutes } from "./routes.tsx";
import { type TestApp, testApp } from "./support.ts";

type Fetch = (app: TestApp) => Promise<Response>;

const answers: [name: string, ask: Fetch][] = [
  ["a page", (app) => app.fetch("/notes", { who: "full" })],
  ["a part of a page", (app) => app.fetch("/notes", { who: "full", headers: { "hx-request": "true" } })],
  ["a public page", (app) => app.fetch("/hello")],
  ["a redirect to sign-in", (app) => app.fetch("/notes")],
  ["a redirect after a form", (app) => app.post("/notes", { text: "hello" })],
  ["400", (app) => app.fetch("/notes?a=1&a=2", { who: "full" })],
  ["401", (app) => app.post("/notes", { text: "hello" }, { who: "nobody" })],
  ["403", (app) => app.fetch("/notes", { who: "powerless" })],
  ["404", (app) => app.fetch("/.git/config")],
  ["405", (app) => app.fetch("/notes", { method: "DELETE" })],
  ["409", (app) => app.post("/notes", { text: "conflict" })],
  ["422", (app) => app.post("/notes", { text: "" })],
  ["429", (app) => app.post("/notes", { text: "throttled" })],
  ["500", (app) => app.fetch("/notes/crash", { who: "full" })],
  ["503", (app) => app.post("/notes", { text: "unavailable" })],
  ["a step-up page", (app) => app.post("/notes", { text: "step-up" })],
  ["a download", (app) => app.fetch("/notes/export", { who: "full" })],
  [
    "an asset",
    async (app) => app.fetch(/href="([^"]+\.css)"/.exec(await (await app.fetch("/hello")).text())?.[1] ?? ""),
  ],
  ["/healthz", (app) => app.fetch("/healthz")],
  ["/readyz", (app) => app.fetch("/readyz")],
  ["/metrics from afar", (app) => app.fetch("/metrics")],
  ["/csp-report", (app) => app.fetch("/csp-report", { method: "POST", body: "{}" })],
];

test.each(answers)("%s carries every security header (ASVS 3.4, 14.3.2)", async (name, ask) => {
  const response = await ask(testApp(noteRoutes));
  const header = (of: string) => response.headers.get(of);
  expect(header("strict-transport-security")).toBe("max-age=63072000; includeSubDomains");
  expect(header("x-content-type-options")).toBe("nosniff");
  expect(header("referrer-policy")).toBe("same-origin");
  expect(header("cross-origin-opener-policy")).toBe("same-origin");
  expect(header("cross-origin-resource-policy")).toBe("same-origin");
  expect(header("x-frame-options")).toBe("DENY");
  expect(header("access-control-allow-origin")).toBeNull();
  expect(header("x-powered-by")).toBeNull();
  expect(header("server")).toBeNull();
  expect(header("x-request-id")).toMatch(/^[\da-f-]{36}$/);
  expect(header("cache-control")).toBe(
    name === "an asset" ? "public, max-age=31536000, immutable, no-transform" : "no-store",
  );
  if (response.body !== null && response.status !== 303)
    expect(header("content-type")).toMatch(/charset=utf-8|application\/json|image/i);
  if (name === "a download") {
    expect(header("content-security-policy")).toBe("default-src 'none'; sandbox; frame-ancestors 'none'");
    return;
  }
  const policy = header("content-security-policy") ?? "";
  expect(policy.replace(/'nonce-[^']+'/, "'nonce'")).toBe(
    "default-src 'none'; script-src 'nonce'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
      "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; " +
      "trusted-types htmx; report-uri /csp-report; report-to csp",
  );
  expect(header("reporting-endpoints")).toBe('csp="/csp-report"');
});

test("the nonce of the policy is the page's own, and new every time", async () => {
  const { fetch } = testApp(noteRoutes);
  const nonces = await Promise.all(
    [1, 2].map(async () => {
      const response = await fetch("/hello");
      const nonce = /'nonce-([^']+)'/.exec(response.headers.get("content-security-policy") ?? "")?.[1] ?? "";
      expect(await response.text()).toContain(`nonce="${nonce}"`);
      return nonce;
    }),
  );
  expect(nonces[0]).not.toBe(nonces[1]);
  expect(Buffer.from(nonces[0] ?? "", "base64")).toHaveLength(16);
});

test("a download is named in Chinese and in plain letters (ASVS 5.4.2)", async () => {
  const { fetch } = testApp(noteRoutes);
  const response = await fetch("/notes/export", { who: "full" });
  expect(response.headers.get("content-disposition")).toBe(
    "attachment; filename=\"__ __.csv\"; filename*=UTF-8''%E4%BC%9A%E5%91%98%20%E5%90%8D%E5%8D%95.csv",
  );
});

test("signing out empties the browser (ASVS 14.3.1)", async () => {
  const { post } = testApp(noteRoutes);
  const response = await post("/sign-out", {});
  expect(response.status).toBe(303);
  expect(response.headers.get("clear-site-data")).toBe('"cache", "cookies", "storage"');
});

test("text of more than a kilobyte is compressed, less is not", async () => {
  const { fetch } = testApp(noteRoutes);
  const long = await fetch("/long", { headers: { "accept-encoding": "gzip" } });
  expect(long.headers.get("content-encoding")).toBe("gzip");
  const short = await fetch("/notes", {
    who: "full",
    headers: { "hx-request": "true", "accept-encoding": "gzip" },
  });
  expect(short.headers.get("content-encoding")).toBeNull();
});

test("an asset is sent gzipped to whoever takes it, and whole to others", async () => {
  const { fetch } = testApp(noteRoutes);
  const path = /src="([^"]+htmx[^"]+)"/.exec(await (await fetch("/hello")).text())?.[1] ?? "";
  const gzip = await fetch(path, { headers: { "accept-encoding": "gzip, br" } });
  expect(gzip.headers.get("content-encoding")).toBe("gzip");
  const whole = await fetch(path);
  expect(whole.headers.get("content-encoding")).toBeNull();
  expect((await whole.arrayBuffer()).byteLength).toBeGreaterThan((await gzip.arrayBuffer()).byteLength);
});
