import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { clientIp, matcher, plainAddress } from "../../../src/platform/http/client-ip.ts";
import type { HttpEnv } from "../../../src/platform/http/env.ts";
import { noteRoutes } from "./routes.tsx";
import { testApp } from "./support.ts";

async function seen(trusted: string[], peer: string, headers: Record<string, string>) {
  const app = new Hono<HttpEnv>();
  app.use(clientIp(trusted, () => peer));
  app.get("/", (c) => c.json({ ip: c.get("ip"), encrypted: c.get("encrypted") }));
  return await (await app.request("/", { headers })).json();
}

const proxies = ["10.0.0.0/8", "2001:db8::/32", "127.0.0.1"];

describe("the client's address (ASVS 4.1.3)", () => {
  test.each([
    ["the peer, when nobody is trusted", [], "203.0.113.9", "1.2.3.4", "203.0.113.9"],
    ["the peer, when it is no proxy of ours", proxies, "203.0.113.9", "1.2.3.4", "203.0.113.9"],
    ["what our proxy saw", proxies, "10.0.0.2", "198.51.100.7", "198.51.100.7"],
    [
      "the rightmost stranger, whatever stands left of it",
      proxies,
      "10.0.0.2",
      "6.6.6.6, 198.51.100.7, 10.9.9.9",
      "198.51.100.7",
    ],
    ["the first of all, when all are ours", proxies, "10.0.0.2", "10.1.1.1, 10.2.2.2", "10.1.1.1"],
    ["the last hop that is an address", proxies, "10.0.0.2", "nonsense, 10.2.2.2", "10.2.2.2"],
    ["an address without its port", proxies, "10.0.0.2", "198.51.100.7:4711", "198.51.100.7"],
    ["an IPv6 address without brackets", proxies, "2001:db8::1", "[2606:4700::1]:443", "2606:4700::1"],
    [
      "an IPv4 address in its own spelling",
      proxies,
      "::ffff:10.0.0.2",
      "::ffff:198.51.100.7",
      "198.51.100.7",
    ],
  ])("is %s", async (_what, trusted, peer, forwarded, ip) => {
    expect(await seen(trusted, peer, { "x-forwarded-for": forwarded })).toMatchObject({ ip });
  });

  test("a long chain is not followed for ever", async () => {
    const forwarded = ["6.6.6.6", ...Array.from({ length: 500 }, () => "10.0.0.1")].join(",");
    expect(await seen(proxies, "10.0.0.2", { "x-forwarded-for": forwarded })).toMatchObject({
      ip: "10.0.0.1",
    });
  });

  test("the scheme is believed of a proxy of ours only", async () => {
    expect(await seen(proxies, "10.0.0.2", { "x-forwarded-proto": "https" })).toMatchObject({
      encrypted: true,
    });
    expect(await seen(proxies, "10.0.0.2", { "x-forwarded-proto": "http" })).toMatchObject({
      encrypted: false,
    });
    expect(await seen([], "10.0.0.2", { "x-forwarded-proto": "http" })).not.toHaveProperty("encrypted");
  });

  test("addresses match networks of their own family", () => {
    const match = matcher(["192.0.2.0/24", "2001:db8::1"]);
    expect(["192.0.2.200", "192.0.3.1", "2001:db8::1", "2001:db8::2", "text"].map(match)).toEqual([
      true,
      false,
      true,
      false,
      false,
    ]);
    expect(plainAddress("fe80::1%eth0")).toBe("fe80::1");
  });
});

test("a page that came in the clear is led to its encrypted address, a probe is not (ASVS 4.1.2)", async () => {
  const { fetch } = testApp(noteRoutes, { trustedProxies: ["0.0.0.0"] });
  const headers = { "x-forwarded-proto": "http" };
  const page = await fetch("/hello?a=1", { headers });
  expect([page.status, page.headers.get("location")]).toEqual([308, "https://mall.example/hello?a=1"]);
  expect((await fetch("/healthz", { headers })).status).toBe(200);
  expect((await fetch("/hello", { headers: { "x-forwarded-proto": "https" } })).status).toBe(200);
});
