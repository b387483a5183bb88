import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createTcpServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createServer,
  getCACertificates,
  setDefaultCACertificates,
  TLSSocket,
  type TlsOptions,
} from "node:tls";
import { Client } from "pg";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { formatVkey } from "../../src/platform/audit/gatehouse-verify.ts";
import { COSIGNATURE_V1, ed25519Signer } from "../../src/platform/audit/note.ts";
import { ConfigError, loadConfig } from "../../src/platform/config.ts";
import { createOutbound } from "../../src/platform/http/outbound.ts";
import { createLog } from "../../src/platform/log.ts";
import { projectRoot } from "../../src/platform/root.ts";
import { TLS_FLOOR } from "../../src/platform/transport.ts";
import { selfSigned } from "../support/certificate.ts";

const localhost = selfSigned("localhost");
const directory = mkdtempSync(join(tmpdir(), "tls-"));
const authorities = getCACertificates();
const closers: (() => void)[] = [];

afterEach(() => {
  setDefaultCACertificates(authorities);
  for (const close of closers.splice(0)) close();
});
afterAll(() => rmSync(directory, { recursive: true }));

async function port(server: Server): Promise<number> {
  server.listen(0, "localhost");
  await once(server, "listening");
  closers.push(() => server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** An HTTPS server of few words. */
async function place(options: TlsOptions = {}): Promise<string> {
  const server = createServer({ ...localhost, ...options }, (socket) => {
    socket.on("error", () => {});
    socket.once("data", () =>
      socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"),
    );
  });
  return `https://localhost:${await port(server)}`;
}

/** Sends there, and gives the status or the refusal, with what the operator's log says of it. */
async function send(origin: string): Promise<{ answer: string; lines: Record<string, unknown>[] }> {
  const lines: Record<string, unknown>[] = [];
  // every line is one JSON object
  const log = createLog("info", {
    write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
  });
  const outbound = createOutbound({ destinations: [{ origin, private: true }], log });
  const answer = await outbound({ method: "GET", url: `${origin}/` }).then(
    ({ status }) => String(status),
    (error: Error) => error.message,
  );
  return { answer, lines };
}

describe("12.1.1, 12.1.2 what we connect to speaks TLS 1.2 or later", () => {
  test.each(["TLSv1.2", "TLSv1.3"] as const)("%s is spoken", async (version) => {
    setDefaultCACertificates([localhost.cert]);
    const origin = await place({ minVersion: version, maxVersion: version });
    expect((await send(origin)).answer).toBe("200");
  });

  test.each(["TLSv1", "TLSv1.1"] as const)("%s is not", async (version) => {
    setDefaultCACertificates([localhost.cert]);
    const origin = await place({ minVersion: version, maxVersion: version, ciphers: "DEFAULT@SECLEVEL=0" });
    expect((await send(origin)).answer).toContain("unavailable");
  });

  test("a server that knows no suite with forward secrecy and authenticated encryption is not spoken to", async () => {
    setDefaultCACertificates([localhost.cert]);
    const weak = "ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA";
    const origin = await place({ maxVersion: "TLSv1.2", ciphers: weak });
    expect((await send(origin)).answer).toContain("unavailable");
  });
});

test("12.1.1, 12.1.2 the proxy that we tell operators to set up speaks what we speak ourselves", () => {
  const page = readFileSync(join(projectRoot(), "docs/running.md"), "utf8");
  const said = (name: string) => new RegExp(`^${name} (.*);$`, "m").exec(page)?.[1] ?? "";
  expect(said("ssl_protocols")).toBe("TLSv1.2 TLSv1.3");
  // nginx names the suites of 1.3 elsewhere, and has good ones there by default
  expect(said("ssl_ciphers")).toBe(TLS_FLOOR.ciphers.replace(/(TLS_\w+:)+/, ""));
});

describe("12.3.2, 12.3.4 certificates are verified", () => {
  test("one that no authority of ours has signed is refused, and the operator's log says why (16.3.4)", async () => {
    const { answer, lines } = await send(await place());
    expect(answer).toContain("unavailable");
    expect(lines).toMatchObject([
      { event: "outbound_refused", level: "warn", error: { code: "DEPTH_ZERO_SELF_SIGNED_CERT" } },
    ]);
  });

  test("one of another host is refused, although its authority is known", async () => {
    const other = selfSigned("other.example");
    setDefaultCACertificates([other.cert]);
    const { answer, lines } = await send(await place(other));
    expect(answer).toContain("unavailable");
    expect(lines).toMatchObject([{ error: { code: "ERR_TLS_CERT_ALTNAME_INVALID" } }]);
  });

  test("a database under verify-full is asked for a certificate of its name, by the authority that the address names", async () => {
    const address = async (shown: { cert: string; key: string }, authority: string) => {
      const file = join(directory, "ca.pem");
      writeFileSync(file, authority);
      return `postgres://u:p@localhost:${await database(shown)}/mall?sslmode=verify-full&sslrootcert=${file}`;
    };
    const other = selfSigned("other.example");
    // the password is asked for only behind a handshake that went well
    expect(await connect(await address(localhost, localhost.cert))).toBe("who are you");
    expect(await connect(await address(localhost, other.cert))).toMatch(/self-signed/);
    expect(await connect(await address(other, other.cert))).toMatch(/altnames/);
  });
});

describe("12.3.1, 12.3.3 nothing travels between machines in the open", () => {
  const problems = (env: Record<string, string>) => {
    try {
      loadConfig(env, { demo: false, cwd: "/srv" });
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    }
    return [];
  };

  test.each([
    "postgres://u:p@db.example/mall",
    "postgres://u:p@10.0.0.7/mall?sslmode=disable",
    "postgres://u:p@db.example/mall?sslmode=require",
    "postgres://u:p@db.example/mall?sslmode=verify-ca",
    "postgres://u:p@db.example/mall?sslmode=no-verify",
    "postgres://u:p@db.example/mall?ssl=true",
    "postgres://u:p@db.example/mall?sslmode=verify-full&sslmode=no-verify",
    "postgres://u:p@localhost/mall?host=db.example",
    "postgres://u:p@127.0.0.1.evil.example/mall",
  ])("%s is refused, and allowed by a word", (DATABASE_URL) => {
    const words = /^DATABASE_URL leads to another machine; it needs sslmode=verify-full/;
    expect(problems({ DATABASE_URL })).toEqual([expect.stringMatching(words)]);
    expect(problems({ DATABASE_URL, PLAINTEXT_ALLOWED: "witness" })).toHaveLength(1);
    expect(problems({ DATABASE_URL, PLAINTEXT_ALLOWED: "witness, database" })).toEqual([]);
  });

  test.each([
    "postgres://u:p@db.example/mall?sslmode=verify-full",
    "postgres://u:p@db.example/mall?sslmode=verify-full&sslrootcert=/etc/ca.pem",
    "postgres://u:p@127.0.0.1/mall",
    "postgres://u:p@[::1]:5433/mall",
    "postgres://u:p@localhost/mall?host=/var/run/postgresql",
  ])("%s is taken", (DATABASE_URL) => {
    expect(problems({ DATABASE_URL })).toEqual([]);
  });

  test("the address of the database's admin is held to the same", () => {
    const env = { DATABASE_URL: "postgres://127.0.0.1/m", DATABASE_ADMIN_URL: "postgres://db.example/m" };
    expect(problems(env)).toEqual([expect.stringMatching(/^DATABASE_ADMIN_URL leads to another machine/)]);
  });

  test("a witness on another machine is spoken to by HTTPS, or by a word", () => {
    const { key } = ed25519Signer("w.example", Buffer.alloc(32, 7), COSIGNATURE_V1);
    const vkey = formatVkey(key);
    const at = (url: string) => problems({ WITNESSES: `${url} ${vkey}` });
    expect(at("http://w.example:7700")).toEqual([expect.stringMatching(/^WITNESSES on other machines/)]);
    expect(problems({ WITNESSES: `http://w.example ${vkey}`, PLAINTEXT_ALLOWED: "witness" })).toEqual([]);
    expect(at("https://w.example")).toEqual([]);
    expect(at("http://127.0.0.1:7700")).toEqual([]);
  });

  test("the receiver of the log on another machine is spoken to by TLS, or by a word", () => {
    const at = (AUDIT_SYSLOG_URL: string) => problems({ AUDIT_SYSLOG_URL });
    expect(at("tcp://siem.example")).toEqual([expect.stringMatching(/^AUDIT_SYSLOG_URL on another machine/)]);
    expect(problems({ AUDIT_SYSLOG_URL: "tcp://siem.example", PLAINTEXT_ALLOWED: "syslog" })).toEqual([]);
    expect(at("tls://siem.example?ca=/etc/ca.pem")).toEqual([]);
    expect(at("tcp://127.0.0.1:601")).toEqual([]);
    expect(at("tls://siem.example?verify=no")).toEqual([
      "AUDIT_SYSLOG_URL must be an address such as tls://siem.example:6514",
    ]);
  });

  test("the variable of node's that accepts every certificate stops the start", () => {
    expect(problems({ NODE_TLS_REJECT_UNAUTHORIZED: "0" })).toHaveLength(1);
    expect(problems({ PLAINTEXT_ALLOWED: "everything" })).toHaveLength(1);
  });
});

/** As far as PostgreSQL's protocol goes until after the handshake: yes to TLS, then an error for the first message. */
async function database(shown: { cert: string; key: string }): Promise<number> {
  const server = createTcpServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      socket.write("S");
      const secure = new TLSSocket(socket, { isServer: true, ...shown });
      secure.on("error", () => socket.destroy());
      secure.once("data", () => secure.end(fatal("who are you")));
    });
  });
  return await port(server);
}

function fatal(message: string): Buffer {
  const body = Buffer.from(`SFATAL\0C28000\0M${message}\0\0`);
  const head = Buffer.alloc(5, "E");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

async function connect(connectionString: string): Promise<string> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 5000 });
  client.on("error", () => {});
  try {
    await client.connect();
    return "connected";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await client.end().catch(() => {});
  }
}
