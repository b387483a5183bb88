import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { command } from "../../../src/door/command.ts";
import type { Job } from "../../../src/platform/module.ts";
import { claimEffect, retryEffect, settleEffect } from "../../../src/platform/outbox/commands.ts";
import { DeliveryFailed, type EffectHandler, retrySeconds } from "../../../src/platform/outbox/delivery.ts";
import { outboxModule } from "../../../src/platform/outbox/index.ts";
import { outboxJob } from "../../../src/platform/outbox/job.ts";
import { dueEffects, failedEffects } from "../../../src/platform/outbox/queries.ts";
import { systemModule } from "../../../src/system/index.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { type TestDoor, testDoor } from "../../support/door.ts";

const order = command({
  name: "t.order",
  input: z.strictObject({ mail: z.string(), fail: z.boolean().default(false) }),
  async run({ input, effect, newId }) {
    effect({ kind: "t.mail", body: { to: input.mail, number: newId() } });
    if (input.fail) throw new Error("after the effect");
    return {};
  },
});

let db: TestDatabase;
let t: TestDoor;
beforeAll(async () => {
  db = await testDatabase();
  t = await testDoor(db, {
    commands: [order, claimEffect, settleEffect, retryEffect],
    queries: [dueEffects],
    params: { outbox_attempts: 3 },
  });
});
afterAll(async () => {
  await t.close();
  await db.close();
});

/** What the other side does with each request, in their order; then it answers 200. */
let answers: ((request: IncomingMessage, response: ServerResponse) => void)[] = [];
let received: { effect: string | undefined; body: unknown }[] = [];
const server = createServer((request, response) => {
  let text = "";
  request.on("data", (chunk: Buffer) => (text += chunk.toString()));
  request.on("end", () => {
    received.push({ effect: request.headers["idempotency-key"]?.toString(), body: JSON.parse(text) });
    const answer = answers.shift();
    if (answer === undefined) response.end("ok");
    else answer(request, response);
  });
});
let url = "";
beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`; // it listens on a port
});
afterAll(() => server.closeAllConnections());
afterAll(() => server.close());

const post: EffectHandler = async (body, { id, signal }) => {
  const answer = await fetch(url, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "idempotency-key": id },
    signal,
  });
  if (!answer.ok) throw new DeliveryFailed(`http_${answer.status}`);
};
const late = { timeoutMs: 300 };
const deliver = async (
  handler: EffectHandler = post,
  job: Job = outboxJob(new Map([["t.mail", handler]]), late),
) =>
  await job.run(
    {
      door: t.door,
      credential: { type: "scheduler", job: job.name },
      signal: new AbortController().signal,
    },
    {},
  );
const place = async (mail = "zhang@example.com", fail = false) =>
  await t.door.execute(order, t.person("t.order"), { mail, fail });
const rows = async () =>
  (
    await db.owner.query(
      "SELECT id, kind, state, attempts, last_error, body, due_at, due_at > now() AS later FROM door.outbox ORDER BY id",
    )
  ).rows;
const guard = async (what: "ENABLE" | "DISABLE") =>
  await db.owner.query(`ALTER TABLE door.outbox ${what} TRIGGER through_the_door`);
const asOwner = async (sql: string) => {
  await guard("DISABLE");
  await db.owner.query(sql);
  await guard("ENABLE");
};
const hurry = async () => await asOwner("UPDATE door.outbox SET due_at = now()");

beforeEach(() => {
  answers = [];
  received = [];
});
afterEach(async () => {
  await asOwner("DELETE FROM door.outbox");
  await db.owner.query("DELETE FROM jobs.run");
});

describe("an effect", () => {
  test("is written with the change, sealed, and wakes its job", async () => {
    await place("zhang@example.com");
    const [row] = await rows();
    expect(row).toMatchObject({ kind: "t.mail", state: "due", attempts: 0 });
    expect(row?.body).not.toContain("zhang");
    const { rows: dump } = await db.owner.query("SELECT o::text FROM door.outbox o");
    expect(JSON.stringify(dump)).not.toContain("zhang");
    expect(JSON.stringify(await t.events())).not.toContain("zhang");
    const { rows: woken } = await db.owner.query("SELECT job, state FROM jobs.run");
    expect(woken).toEqual([{ job: "outbox.deliver", state: "due" }]);
  });

  test("is not there when the change is not, and nobody is woken", async () => {
    await place("zhang@example.com", true).catch(() => {});
    expect(await rows()).toEqual([]);
    expect((await db.owner.query("SELECT 1 FROM jobs.run")).rows).toEqual([]);
  });

  test("arrives, once, with its id; then its body is gone and the log says so", async () => {
    await place("zhang@example.com");
    const [{ id }] = await rows();
    await deliver();
    await deliver();
    expect(received).toEqual([{ effect: id, body: { to: "zhang@example.com", number: expect.any(String) } }]);
    expect((await rows())[0]).toMatchObject({ state: "delivered", attempts: 1, body: "" });
    expect((await t.events()).at(-1)).toMatchObject({
      action: "outbox.settle",
      target: [{ type: "effect", id }],
      facts: { kind: "t.mail", attempt: 1 },
      change: [{ field: "state", before: "due", after: "delivered" }],
    });
  });

  test("that nobody wants is a failed try by name", async () => {
    await place();
    await deliver(post, outboxJob(new Map()));
    expect((await rows())[0]).toMatchObject({ state: "due", last_error: "no_handler", later: true });
  });
});

describe("the other side", () => {
  test("fails: tried again later and later, then it waits for a person", async () => {
    answers = Array.from({ length: 3 }, () => (_: IncomingMessage, response: ServerResponse) => {
      response.statusCode = 500;
      response.end("the body of an answer is nobody's to keep: zhang@example.com");
    });
    await place();
    for (const attempt of [1, 2]) {
      await deliver();
      const [row] = await rows();
      expect(row).toMatchObject({ state: "due", attempts: attempt, last_error: "http_500", later: true });
      const wait = (row.due_at.getTime() - new Date().getTime()) / 1000;
      expect(Math.abs(wait - retrySeconds(attempt))).toBeLessThan(3);
      await deliver(); // before its time
      expect(received).toHaveLength(attempt);
      await hurry();
    }
    await deliver();
    expect((await rows())[0]).toMatchObject({ state: "failed", attempts: 3, last_error: "http_500" });
    const failed = await t.door.ask(failedEffects, t.person("outbox.failed"), {});
    expect(failed).toMatchObject([{ kind: "t.mail", attempts: 3, last_error: "http_500" }]);
    expect(Object.keys(failed[0] ?? {})).not.toContain("body");

    await t.door.execute(retryEffect, t.person("outbox.retry"), { effect: failed[0]?.id });
    await deliver();
    expect((await rows())[0]).toMatchObject({ state: "delivered", attempts: 1 });
    expect(received).toHaveLength(4);
    await expect(
      t.door.execute(retryEffect, t.person("outbox.retry"), { effect: failed[0]?.id }),
    ).rejects.toMatchObject({ kind: "conflict", code: "effect_not_failed" });
  });

  test("answers too late: the try has failed, and what it got it gets again under the same id", async () => {
    answers = [() => {}];
    await place();
    await deliver();
    expect((await rows())[0]).toMatchObject({ state: "due", attempts: 1, last_error: "TimeoutError" });
    await hurry();
    await deliver();
    expect(received).toHaveLength(2);
    expect(received[0]?.effect).toBe(received[1]?.effect);
    expect((await rows())[0]?.state).toBe("delivered");
  });

  test("dies in the middle of its answer", async () => {
    answers = [(request) => request.socket.destroy()];
    await place();
    await deliver();
    expect((await rows())[0]).toMatchObject({ state: "due", last_error: "TypeError", later: true });
  });

  test("does not hold the others up", async () => {
    answers = [() => {}];
    await place("a@example.com");
    await place("b@example.com");
    await deliver();
    expect((await rows()).map((row) => row.state)).toEqual(["due", "delivered"]);
  });

  test("is not waited for when its handler does not listen", async () => {
    await place();
    await deliver(async () => await new Promise<never>(() => {}));
    expect((await rows())[0]).toMatchObject({ state: "due", last_error: "TimeoutError" });
  });
});

describe("the process", () => {
  const scheduler = { type: "scheduler", job: "outbox.deliver" } as const;

  test("that dies between claim and delivery leaves it to the next one, a minute later", async () => {
    await place();
    const [{ id }] = await rows();
    const { value } = await t.door.execute(claimEffect, scheduler, { effect: id });
    expect(value).toMatchObject({ kind: "t.mail", attempt: 1, body: { to: "zhang@example.com" } });
    await deliver();
    expect(received).toEqual([]);
    await hurry();
    await deliver();
    expect(received).toHaveLength(1);
    expect((await rows())[0]).toMatchObject({ state: "delivered", attempts: 2 });
  });

  test("that dies at every try stops trying", async () => {
    await place();
    const [{ id }] = await rows();
    for (let i = 0; i < 3; i += 1) {
      await t.door.execute(claimEffect, scheduler, { effect: id });
      await hurry();
    }
    await deliver();
    expect(received).toEqual([]);
    expect((await rows())[0]).toMatchObject({ state: "failed", last_error: "abandoned" });
  });

  test("that comes late does not undo what a later try has settled, but a delivery counts", async () => {
    await place();
    const [{ id }] = await rows();
    await t.door.execute(claimEffect, scheduler, { effect: id });
    await hurry();
    await t.door.execute(claimEffect, scheduler, { effect: id });
    const late = async (error: string | null) =>
      (await t.door.execute(settleEffect, scheduler, { effect: id, attempt: 1, error })).value.state;
    expect(await late("http_500")).toBeNull();
    expect(await late(null)).toBe("delivered");
    expect(await late("http_500")).toBeNull();
  });

  test("has company: of two that deliver at once each effect is one's", async () => {
    for (let i = 0; i < 10; i += 1) await place(`m${i}@example.com`);
    await Promise.all([deliver(), deliver()]);
    expect(received).toHaveLength(10);
    expect(new Set(received.map((r) => r.effect)).size).toBe(10);
  });
});

test("nobody changes the outbox but through the door", async () => {
  await place();
  await expect(
    db.pool("gatehouse_app").query("UPDATE door.outbox SET state = 'delivered'"),
  ).rejects.toMatchObject({ code: "GH001" });
});

test("two modules cannot deliver the same kind", () => {
  const other = { ...systemModule, effects: { "t.mail": post } };
  expect(() => outboxModule([other, other])).toThrow("two modules deliver t.mail");
});
