import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { OpenLog } from "../../../src/platform/audit/log.ts";
import { parseSyslogUrl } from "../../../src/platform/audit/sink/address.ts";
import { type Forwarding, startForwarding } from "../../../src/platform/audit/sink/forward.ts";
import { openReadPool } from "../../../src/platform/database/index.ts";
import { anEvent, auditDatabase, openTestLog, startTestSequencer, writeEvents } from "../../support/audit.ts";
import { selfSigned } from "../../support/certificate.ts";
import type { TestDatabase } from "../../support/database.ts";
import { type SyslogServer, syslogServer, type SyslogServerOptions } from "../../support/syslog-server.ts";

// The machine may have other things to do.
vi.setConfig({ testTimeout: 60_000 });

const directory = mkdtempSync(join(tmpdir(), "syslog-"));
afterAll(() => rmSync(directory, { recursive: true }));

let db: TestDatabase;
let log: OpenLog;
let sequencer: ReturnType<typeof startTestSequencer>;
let read: ReturnType<typeof openReadPool>;
let closing: (() => Promise<void>)[];

beforeEach(async () => {
  db = await auditDatabase();
  sequencer = startTestSequencer(db);
  await sequencer.tried;
  log = await openTestLog(db, () => sequencer.wake());
  read = openReadPool({ url: () => db.url("gatehouse_reader"), onError: () => {} });
  closing = [];
});
afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  await log.close();
  await sequencer.stop();
  await read.db.destroy();
  await db.close();
});

async function receiver(options: SyslogServerOptions = {}): Promise<SyslogServer> {
  const server = await syslogServer(options);
  closing.push(async () => await server.close());
  return server;
}

function forward(url: string, leads = () => true): Forwarding & { errors: unknown[] } {
  const address = parseSyslogUrl(url);
  if (address === null) throw new Error("no address");
  const errors: unknown[] = [];
  const forwarding = startForwarding({
    address,
    read: read.db,
    pool: db.pool("gatehouse_sequencer"),
    leads,
    onError: (error) => errors.push(error),
    pollMs: 20,
    timeoutMs: 1_000,
    retryMs: 20,
    longestRetryMs: 200,
  });
  closing.push(async () => await forwarding.stop());
  return { stop: forwarding.stop, errors };
}

const write = async (count: number, more: Parameters<typeof anEvent>[0] = {}) => {
  await writeEvents(
    db,
    log,
    Array.from({ length: count }, () => anEvent(more)),
  );
  await sequencer.flush();
};
const bodies = async () => {
  const { rows } = await db.owner.query<{ body: Buffer }>("SELECT body FROM audit.log ORDER BY idx");
  return rows.map(({ body }) => body);
};
const cursor = async () => {
  const { rows } = await db.owner.query<{ next: number; code: string | null }>(
    "SELECT next::int AS next, code FROM audit.sink",
  );
  return rows[0];
};
/** Waits until the cursor is there; the tests' own patience ends it. */
const arrived = async (next: number) => {
  while ((await cursor())?.next !== next) await delay(20);
};

describe("the log is sent on", () => {
  test("each entry once, in order, with the bytes that are hashed, as RFC 5424 behind a count of octets", async () => {
    const server = await receiver();
    forward(`tcp://localhost:${server.port}`);
    await write(250);
    await write(1, { severity: 4, action: "access.sign_in", target: [{ type: "note", id: "守店\nx" }] });
    const expected = await bodies();
    await server.has(expected.length);
    expect(server.received.map(({ body }) => body)).toEqual(expected);
    expect(server.received.map(({ sequence }) => sequence)).toEqual(expected.map((_, n) => n + 1));
    expect(server.received[0]).toMatchObject({
      priority: 13 * 8 + 6,
      app: "gatehouse",
      action: "members.edit",
    });
    expect(server.received.at(-1)).toMatchObject({ priority: 13 * 8 + 3, action: "access.sign_in" });
    await arrived(expected.length);
  });

  test("over TLS, to a server whose certificate the named authority vouches for", async () => {
    const tls = selfSigned("localhost");
    const ca = join(directory, "ca.pem");
    writeFileSync(ca, tls.cert);
    const server = await receiver({ tls });
    await write(3);
    forward(`tls://localhost:${server.port}?ca=${ca}`);
    await server.has(3);
  });

  test("and not to one that shows another certificate; the status says why", async () => {
    const other = join(directory, "other.pem");
    writeFileSync(other, selfSigned("localhost").cert);
    const server = await receiver({ tls: selfSigned("localhost") });
    await write(3);
    const { errors } = forward(`tls://localhost:${server.port}?ca=${other}`);
    while (((await cursor())?.code ?? "") === "") await delay(20);
    expect((await cursor())?.code).toMatch(/CERT|SIGNATURE|ISSUER/);
    expect(errors).toHaveLength(1);
    expect(server.received).toEqual([]);
  });

  test("by the process that leads alone", async () => {
    const server = await receiver();
    let leads = false;
    forward(`tcp://localhost:${server.port}`, () => leads);
    await write(2);
    await delay(200);
    expect(server.connections).toBe(0);
    leads = true;
    await server.has(2);
  });
});

describe("nothing is lost", () => {
  test("over a restart it goes on where it was", async () => {
    const server = await receiver();
    const first = forward(`tcp://localhost:${server.port}`);
    await write(5);
    await arrived(5);
    await first.stop();
    await write(5);
    forward(`tcp://localhost:${server.port}`);
    await server.has(10);
    // what had arrived is not sent again
    expect(server.received.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test("a receiver that hangs up in the middle gets everything, some of it twice", async () => {
    await write(100);
    const server = await receiver({ cuts: [20, 99, 1] });
    const { errors } = forward(`tcp://localhost:${server.port}`);
    await server.has(100);
    await arrived(100);
    expect(errors).toHaveLength(1); // of three failures in a row
    expect(server.connections).toBe(4);
    const unique = new Map(server.received.map(({ sequence, body }) => [sequence, body]));
    expect([...unique].toSorted(([a], [b]) => a - b).map(([, body]) => body)).toEqual(await bodies());
  });

  test("a receiver that was away, and one that does not read, get it all when they are well", async () => {
    const deaf = await receiver({ deaf: true });
    const { errors } = forward(`tcp://localhost:${deaf.port}`);
    // the first batch fits into what the system keeps for somebody who does not read: it has not arrived for that
    await write(200, { facts: { padding: "x".repeat(10_000) } });
    while ((await cursor())?.code !== "ETIMEDOUT") await delay(20);
    expect(errors).toHaveLength(1);
    expect((await cursor())?.next).toBe(0);
    const { port } = deaf;
    await deaf.close();
    while ((await cursor())?.code !== "ECONNREFUSED") await delay(20);
    closing.shift();
    const well = await receiver({ port });
    await well.has(200);
    await arrived(200);
    expect(await cursor()).toEqual({ next: 200, code: null });
  }, 120_000);
});

test("an address that is no syslog server's is none", () => {
  expect(parseSyslogUrl("tls://siem.example")).toEqual({
    host: "siem.example",
    port: 6514,
    tls: true,
    ca: undefined,
  });
  expect(parseSyslogUrl("tcp://[::1]")).toMatchObject({ host: "::1", port: 601, tls: false });
  for (const bad of [
    "siem.example:6514",
    "udp://siem.example",
    "https://siem.example",
    "tls://user:secret@siem.example",
    "tls://siem.example/path",
    "tls://siem.example?verify=no",
    "tcp://siem.example?ca=/ca.pem",
  ])
    expect(parseSyslogUrl(bad)).toBeNull();
});
