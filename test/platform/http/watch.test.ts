import { describe, expect, test } from "vitest";
import { noteRoutes } from "./routes.tsx";
import { testApp } from "./support.ts";

describe("for whoever watches the process", () => {
  test("/healthz says that it runs", async () => {
    const { fetch } = testApp(noteRoutes);
    expect(await (await fetch("/healthz")).text()).toBe("ok\n");
  });

  test("/readyz names what answers and what does not, and no reason", async () => {
    const ready = {
      database: async () => {},
      log: async () => {
        throw new Error("password of the sequencer");
      },
    };
    const { fetch } = testApp(noteRoutes, { ready });
    const response = await fetch("/readyz");
    expect(response.status).toBe(503);
    expect(await response.text()).toBe('{"database":"ok","log":"failed"}');
  });

  test("/readyz does not wait for what hangs", async () => {
    const { fetch } = testApp(noteRoutes, { ready: { database: () => new Promise(() => {}) } });
    expect((await fetch("/readyz")).status).toBe(503);
  });

  test("/metrics is for this machine, and not through its proxy", async () => {
    const { app } = testApp(noteRoutes, { gauges: async () => ({ gatehouse_audit_lag: 3 }) });
    const from = async (remoteAddress: string, headers: Record<string, string> = {}) =>
      await app.request("/metrics", { headers }, { incoming: { socket: { remoteAddress } } });
    expect((await from("203.0.113.9")).status).toBe(404);
    expect((await from("127.0.0.1", { "x-forwarded-for": "203.0.113.9" })).status).toBe(404);
    await app.request("/notes/7");
    const response = await from("::1");
    expect(response.status).toBe(200);
    const text = await response.text();
    expect(text).toContain('gatehouse_http_requests_total{method="GET",route="/notes/:id",status="303"} 1');
    expect(text).toContain("gatehouse_audit_lag 3");
    expect(text).toContain("process_resident_memory_bytes");
  });
});

describe("reports of the content security policy (ASVS 3.4.7)", () => {
  const report = (body: unknown) => ({ method: "POST", body: JSON.stringify(body) });
  const old = {
    "csp-report": {
      "effective-directive": "script-src-elem",
      "blocked-uri": "https://evil.example/x?member=13812345678",
    },
  };

  test("are logged by directive and origin alone, in both shapes", async () => {
    const { fetch, lines } = testApp(noteRoutes);
    await fetch("/csp-report", report(old));
    await fetch(
      "/csp-report",
      report([{ type: "csp-violation", body: { effectiveDirective: "style-src", blockedURL: "inline" } }]),
    );
    expect(lines.filter(({ event }) => event === "malicious_csp_violation")).toMatchObject([
      { directive: "script-src-elem", host: "https://evil.example" },
      { directive: "style-src", host: "inline" },
    ]);
    expect(JSON.stringify(lines)).not.toContain("13812345678");
  });

  test.each([
    ["nonsense"],
    ["[]"],
    ["null"],
    ["{}"],
    ['{"csp-report":{"effective-directive":7}}'],
    ["x".repeat(100_000)],
  ])("of another shape are taken and mean nothing", async (body) => {
    const { fetch } = testApp(noteRoutes);
    expect((await fetch("/csp-report", { method: "POST", body })).status).toBe(204);
  });

  test("fill no log: beyond twenty a minute they are counted", async () => {
    let now = new Date("2026-03-05T06:00:00Z");
    const { fetch, lines } = testApp(noteRoutes, { clock: { now: () => now } });
    for (let i = 0; i < 25; i++) await fetch("/csp-report", report(old));
    const written = () => lines.filter(({ event }) => event === "malicious_csp_violation");
    expect(written()).toHaveLength(20);
    now = new Date("2026-03-05T06:01:00Z");
    await fetch("/csp-report", report(old));
    expect(written().at(-1)).toMatchObject({ count: 5 });
  });
});
