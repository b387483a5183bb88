import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { isPublic } from "../../../src/platform/http/addresses.ts";
import { createOutbound, type OutboundOptions } from "../../../src/platform/http/outbound.ts";
import { silentLog } from "../../../src/platform/log.ts";

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

async function place(answer: RequestListener): Promise<number> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

const outbound = (options: Partial<OutboundOptions>) =>
  createOutbound({ destinations: [], log: silentLog, ...options });
const to = (origin: string, over: Partial<OutboundOptions> = {}) =>
  outbound({ destinations: [{ origin, private: true }], ...over });

test("an on-premises place that is named with its port is reached", async () => {
  const port = await place((request, response) => response.end(`${request.method} ${request.headers.host}`));
  const origin = `http://wms.internal:${port}`;
  const asked: string[] = [];
  const resolve = async (host: string) => {
    asked.push(host);
    return ["127.0.0.1"];
  };
  const answer = await to(origin, { resolve })({ method: "POST", url: `${origin}/push`, body: "{}" });
  expect([answer.status, answer.body.toString()]).toEqual([200, `POST wms.internal:${port}`]);
  // once: a name that answers differently the second time is never asked a second time
  expect(asked).toEqual(["wms.internal"]);
});

describe("a place that is not named is refused before its name is asked", () => {
  test.each([
    "https://evil.example/",
    "http://pay.example/",
    "https://pay.example:8443/",
    "https://pay.example.evil.example/",
    "https://user:secret@pay.example/",
    "https://pay.example@evil.example/",
    "file:///etc/passwd",
    "not an address",
  ])("%s", async (url) => {
    const resolve = async () => {
      throw new Error("asked");
    };
    const send = outbound({ destinations: [{ origin: "https://pay.example", private: false }], resolve });
    await expect(send({ method: "GET", url })).rejects.toThrow("denied: outbound_destination");
  });
});

describe("a public name with an address that is not (ASVS 1.3.6)", () => {
  const send = (addresses: string[]) =>
    outbound({
      destinations: [{ origin: "https://pay.example", private: false }],
      resolve: async () => addresses,
      timeout: 300,
    })({ method: "GET", url: "https://pay.example/" });

  test.each([
    "127.0.0.1",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:db8::1",
    "fe80::1%eth0",
    "nonsense",
  ])("%s is refused", async (address) => {
    await expect(send([address])).rejects.toThrow("denied: outbound_private");
  });

  test("one bad address among good ones is enough", async () => {
    await expect(send(["93.184.216.34", "10.0.0.1"])).rejects.toThrow("denied: outbound_private");
  });

  test("no address at all is no place", async () => {
    await expect(send([])).rejects.toThrow("unavailable: outbound_failed");
  });

  test("public addresses are public", () => {
    expect(["93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34", "1.1.1.1"].map(isPublic)).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });
});

test("a number that is an address in disguise is judged as one", async () => {
  const send = outbound({ destinations: [{ origin: "http://127.0.0.1", private: false }] });
  await expect(send({ method: "GET", url: "http://2130706433/" })).rejects.toThrow(
    "denied: outbound_private",
  );
});

test("no redirect is followed (ASVS 15.3.2)", async () => {
  let asked = 0;
  const port = await place((_request, response) => {
    asked += 1;
    response.writeHead(302, { location: "http://169.254.169.254/latest/meta-data" }).end();
  });
  const answer = await to(`http://127.0.0.1:${port}`)({ method: "GET", url: `http://127.0.0.1:${port}/` });
  expect([answer.status, asked]).toEqual([302, 1]);
});

test("an answer without end is cut at the limit", async () => {
  const port = await place((_request, response) => {
    const timer = setInterval(() => response.write("x".repeat(20_000)), 1);
    response.on("close", () => clearInterval(timer));
  });
  const url = `http://127.0.0.1:${port}/`;
  await expect(to(`http://127.0.0.1:${port}`)({ method: "GET", url })).rejects.toThrow(
    "unavailable: outbound_failed",
  );
});

test("a place that does not answer in time is given up, and so is a slow name server", async () => {
  const port = await place(() => {});
  const origin = `http://wms.internal:${port}`;
  const silent = to(origin, { resolve: async () => ["127.0.0.1"], timeout: 100 });
  await expect(silent({ method: "GET", url: `${origin}/` })).rejects.toThrow("unavailable: outbound_failed");
  const slow = to(origin, { resolve: () => new Promise(() => {}), timeout: 100 });
  await expect(slow({ method: "GET", url: `${origin}/` })).rejects.toThrow("unavailable: outbound_failed");
});

test("a place that is not there is unavailable", async () => {
  const port = await place(() => {});
  closers.splice(0).forEach((close) => close());
  const url = `http://127.0.0.1:${port}/`;
  await expect(to(`http://127.0.0.1:${port}`)({ method: "GET", url })).rejects.toThrow(
    "unavailable: outbound_failed",
  );
});
