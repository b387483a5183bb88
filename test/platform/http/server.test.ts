import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { get, type Route } from "../../../src/platform/module.ts";
import { type Listening, listen } from "../../../src/platform/http/server.ts";
import { noteRoutes } from "./routes.tsx";
import { testApp } from "./support.ts";

let server: Listening | undefined;
afterEach(async () => await server?.close());

async function start(routes: readonly Route[] = noteRoutes, grace?: number): Promise<Listening> {
  server = await listen(testApp(routes).built, { host: "127.0.0.1", port: 0 }, grace);
  return server;
}

/** Sends bytes as they are and gives what comes back until the other end hangs up, or a second has passed. */
async function raw(port: number, bytes: string, wait = 1000): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  socket.setEncoding("latin1");
  socket.on("data", (data: string) => (answer += data));
  socket.on("error", () => {});
  socket.write(bytes, "latin1");
  await Promise.race([new Promise((done) => socket.once("close", done)), pause(wait)]);
  socket.destroy();
  return answer;
}

const host = "Host: 127.0.0.1";

describe("what is ambiguous never reaches the application (ASVS 4.2.1, 13.4.4)", () => {
  test.each([
    [
      "two lengths of one body",
      `POST /hello HTTP/1.1\r\n${host}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    [
      "two different lengths",
      `POST /hello HTTP/1.1\r\n${host}\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello`,
      400,
    ],
    [
      "a chunk size that is none",
      `POST /hello HTTP/1.1\r\n${host}\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n`,
      400,
    ],
    [
      "an encoding that is not last",
      `POST /hello HTTP/1.1\r\n${host}\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
      400,
    ],
    ["a header without a colon", `GET /hello HTTP/1.1\r\n${host}\r\nNonsense\r\n\r\n`, 400],
    ["a space before the colon", `GET /hello HTTP/1.1\r\n${host}\r\nX-A : b\r\n\r\n`, 400],
    ["no host", "GET /hello HTTP/1.1\r\n\r\n", 400],
    ["two hosts in an address", `GET http://[ HTTP/1.1\r\n${host}\r\n\r\n`, 400],
    ["headers without end", `GET /hello HTTP/1.1\r\n${host}\r\nX-Long: ${"a".repeat(20_000)}\r\n\r\n`, 431],
    ["not HTTP at all", "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400],
    ["TRACE", `TRACE /hello HTTP/1.1\r\n${host}\r\n\r\n`, 405],
    ["CONNECT", `CONNECT mall.example:443 HTTP/1.1\r\n${host}\r\n\r\n`, 405],
  ])("%s", async (_what, bytes, status) => {
    const { port } = await start();
    expect(await raw(port, bytes)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  test("TRACE echoes nothing", async () => {
    const { port } = await start();
    const answer = await raw(port, `TRACE / HTTP/1.1\r\n${host}\r\nCookie: secret\r\n\r\n`);
    expect(answer).not.toContain("secret");
  });
});

test("a chunked body beyond its limit is refused while it still comes", async () => {
  const { port } = await start();
  const chunk = `4000\r\n${"a".repeat(0x4000)}\r\n`;
  const head = `POST /hello HTTP/1.1\r\n${host}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n`;
  // the body has no end: the answer comes all the same
  expect(await raw(port, head + chunk.repeat(6))).toMatch(/^HTTP\/1.1 413 /);
});

test("a declared length beyond the limit is refused before anything is read", async () => {
  const { port } = await start();
  const head = `POST /hello HTTP/1.1\r\n${host}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 209715200\r\n\r\n`;
  expect(await raw(port, head)).toMatch(/^HTTP\/1.1 413 /);
});

test("listens on a free port and says which", async () => {
  const { url } = await start();
  const response = await fetch(`${url}/healthz`);
  expect([response.status, await response.text()]).toEqual([200, "ok\n"]);
});

describe("a stop", () => {
  const slow = get("/slow", "public", async (page) => {
    await pause(300);
    return page.c.text("done");
  });

  test("lets a running request finish and takes no new one", async () => {
    const running = await start([slow]);
    const answer = fetch(`${running.url}/slow`);
    await pause(100);
    const closed = running.close();
    expect(await (await answer).text()).toBe("done");
    await closed;
    await expect(fetch(`${running.url}/slow`)).rejects.toThrow("fetch failed");
    server = undefined;
  });

  test("does not wait for ever", async () => {
    const stuck = get("/stuck", "public", async (page) => {
      await pause(5000);
      return page.c.text("late");
    });
    const running = await start([stuck], 200);
    const answer = fetch(`${running.url}/stuck`).catch(() => "cut");
    await pause(100);
    const begun = performance.now();
    await running.close();
    expect(performance.now() - begun).toBeLessThan(2000);
    expect(await answer).toBe("cut");
    server = undefined;
  });

  test("ends the event streams instead of waiting for them", async () => {
    const live = get("/live", "public", (page) => page.stream({ every: 50, look: async () => null }));
    const running = await start([live]);
    const response = await fetch(`${running.url}/live`);
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=UTF-8");
    const begun = performance.now();
    const text = response.text().catch(() => "cut");
    await running.close();
    await text;
    expect(performance.now() - begun).toBeLessThan(3000);
    server = undefined;
  });
});
