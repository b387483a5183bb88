import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { selfSigned } from "../support/certificate.ts";
import { type TestConsole, testConsole } from "../support/console.ts";
import { type SyslogServer, syslogServer } from "../support/syslog-server.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const tls = selfSigned("localhost");
const directory = mkdtempSync(join(tmpdir(), "sink-"));
let world: TestConsole;
let receiver: SyslogServer;

beforeAll(async () => {
  const ca = join(directory, "ca.pem");
  writeFileSync(ca, tls.cert);
  // takes the connection and says nothing: the handshake hangs
  receiver = await syslogServer({ deaf: true });
  const env = { AUDIT_SYSLOG_URL: `tls://localhost:${receiver.port}?ca=${ca}` };
  world = await testConsole({ with: "people", env });
});
afterAll(async () => {
  await world.close();
  await receiver.close();
  rmSync(directory, { recursive: true });
});

const size = async () => {
  await world.console.audit.settle();
  const head = await world.console.read.selectFrom("audit.head").select("size").executeTakeFirstOrThrow();
  return Number(head.size);
};
const statusPage = async () => await (await (await world.session("lin.wei")).get("/audit/status")).text();

describe("the log goes to another system", () => {
  test("16.5.2 while that system hangs, people sign in, work, and see that it is behind", async () => {
    while (receiver.connections === 0) await delay(20);
    const client = await world.signIn("lin.wei");
    expect((await client.submit("/me", { theme: "dark" }, "/preferences")).status).toBe(303);
    await vi.waitFor(async () => expect(await statusPage()).toContain("ETIMEDOUT"), {
      timeout: 20_000,
      interval: 200,
    });
    expect(world.lines.find(({ code }) => code === "syslog")).toMatchObject({
      event: "outbound_refused",
      level: "warn",
    });
    expect((await client.submit("/me", { theme: "light" }, "/preferences")).status).toBe(303);
  });

  test("16.4.3 once it is well it gets every entry, byte by byte, also those of meanwhile", async () => {
    const { port } = receiver;
    await receiver.close();
    receiver = await syslogServer({ port, tls });
    const entries = await size();
    await receiver.has(entries);
    const rows = await world.console.read.selectFrom("audit.log").select("body").orderBy("idx").execute();
    expect(receiver.received.slice(0, entries).map(({ body }) => body)).toEqual(
      rows.slice(0, entries).map(({ body }) => body),
    );
    expect(receiver.received.map(({ action }) => action)).toContain("access.sign_in.code");
    await vi.waitFor(async () => expect(await statusPage()).not.toContain("ETIMEDOUT"), {
      timeout: 20_000,
      interval: 200,
    });
  });
});
