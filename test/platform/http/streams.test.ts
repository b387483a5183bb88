import { setTimeout as pause } from "node:timers/promises";
import { html } from "hono/html";
import { describe, expect, test } from "vitest";
import { Refusal } from "../../../src/door/refusal.ts";
import { progressOf } from "../../../src/platform/http/sse.ts";
import { openStreams, type StreamLimits, wire } from "../../../src/platform/http/streams.ts";
import { silentLog } from "../../../src/platform/log.ts";
import { listNotes, people } from "./support.ts";

const limits: StreamLimits = { perSession: 2, inAll: 3, heartbeat: 30, lifetime: 10_000 };
const full = people["full"];
if (full?.actor === null || full === undefined) throw new Error("the test has a person with both factors");
const actor = full.actor;
const quiet = { every: 5, look: async () => null };

function streams(over: Partial<StreamLimits> = {}, whoIs = async () => actor) {
  return openStreams({ whoIs }, silentLog, { ...limits, ...over });
}

describe("a stream", () => {
  test("sends what is new, and a comment when nothing is", async () => {
    let looks = 0;
    const look = async () => (looks++ === 0 ? { data: "<p>a</p>\n<p>b</p>", id: "7" } : null);
    const response = streams({ lifetime: 120 }).open(full, listNotes, { every: 5, look });
    const text = await response.text();
    expect(text).toMatch(/^retry: 3000\n\nid: 7\ndata: <p>a<\/p>\ndata: <p>b<\/p>\n\n(:\n\n){1,4}$/);
    expect(response.headers.get("cache-control")).toBe("no-store, no-transform");
  });

  test("ends after its lifetime, and its place is free again", async () => {
    const open = streams({ lifetime: 20 });
    await open.open(full, listNotes, quiet).text();
    expect(open.count()).toBe(0);
  });

  test("of long work says each state once, and ends with the word that it is over", async () => {
    const states = [1, 1, 2, 3];
    const work = progressOf({
      look: async () => states.shift() ?? 3,
      over: (state) => state === 3,
      show: (state) => html`<p>${state}</p>`,
    });
    const open = streams();
    const text = await open.open(full, listNotes, { ...work, every: 5 }).text();
    expect(text).toBe("retry: 3000\n\ndata: <p>1</p>\n\ndata: <p>2</p>\n\nevent: settled\ndata: \n\n");
    expect(open.count()).toBe(0);
  });

  test("ends when the session does, at the next look", async () => {
    let ended = false;
    const open = streams({}, async () => {
      if (ended) throw new Refusal("denied", "session_ended");
      return actor;
    });
    const text = open.open(full, listNotes, quiet).text();
    await pause(20);
    expect(open.count()).toBe(1);
    ended = true;
    await text;
    expect(open.count()).toBe(0);
  });

  test("ends when the permission is withdrawn", async () => {
    let permissions = actor.permissions;
    let looks = 0;
    const open = streams({}, async () => ({ ...actor, permissions }));
    const look = async () => {
      looks += 1;
      permissions = new Set();
      return { data: "x" };
    };
    await open.open(full, listNotes, { every: 5, look }).text();
    expect(looks).toBe(1);
  });

  test("that fails ends without a word about the error", async () => {
    const look = async () => {
      throw new Error("password of li.na is hunter2");
    };
    const text = await streams().open(full, listNotes, { every: 5, look }).text();
    expect(text).toBe("retry: 3000\n\n");
  });

  test("frees its place when the reader leaves", async () => {
    const open = streams();
    const response = open.open(full, listNotes, quiet);
    await response.body?.cancel();
    await pause(20);
    expect(open.count()).toBe(0);
  });

  test("is refused beyond the cap of a session and of the console", () => {
    const open = streams();
    const other = { ...full, credential: { type: "session", person: "p", session: "other" } as const };
    open.open(full, listNotes, quiet);
    open.open(full, listNotes, quiet);
    expect(() => open.open(full, listNotes, quiet)).toThrow("throttled: streams");
    open.open(other, listNotes, quiet);
    expect(() => open.open(other, listNotes, quiet)).toThrow("throttled: streams");
    open.end();
  });
});

test("a line break in a name or id begins no other field", () => {
  expect(wire({ data: "a\rb", event: "x\ndata: evil", id: "1\r\nevent: y" })).toBe(
    "event: x data: evil\nid: 1  event: y\ndata: a\ndata: b\n\n",
  );
});
