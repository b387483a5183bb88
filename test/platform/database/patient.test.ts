import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openJobsPool, openWritePool } from "../../../src/platform/database/index.ts";
import type { DatabaseRole } from "../../../src/platform/database/roles.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(async () => await db.close());

const options = () => ({ url: db.url.bind(db), onError: () => {} });

/** Ends a session from outside, as a server that dies does. */
async function end(role: DatabaseRole, pid: number): Promise<void> {
  await db.pool(role).query("SELECT pg_terminate_backend($1)", [pid]);
  await delay(100); // until the news has come over the wire
}

test("a connection that dies in somebody's hands ends nothing but their next statement", async () => {
  const pool = openWritePool(options());
  const client = await pool.connect();
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  await end("gatehouse_app", rows[0]?.pid ?? 0); // an error that nobody listens to would end this process here
  await expect(client.query("SELECT 1")).rejects.toThrow();
  client.release(true);
  await expect(pool.query("SELECT 1")).resolves.toHaveProperty("rowCount", 1);
  await pool.end();
});

test("the queue hears of every lost connection as one worth waiting for", async () => {
  const pool = openJobsPool(options());
  const client = await pool.connect();
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  const sleeping = client.query("SELECT pg_sleep(10)").catch((error: unknown) => error);
  await end("gatehouse_jobs", rows[0]?.pid ?? 0);
  expect(await sleeping).toMatchObject({ code: "57P03" });
  client.release(true);
  await pool.end();
});

test("the queue hears of a mistake as what it is", async () => {
  const pool = openJobsPool(options());
  const client = await pool.connect();
  await expect(client.query("SELECT 1 / 0")).rejects.toMatchObject({ code: "22012" });
  client.release();
  await pool.end();
});

test("a server that is not there is worth waiting for too", async () => {
  const pool = openJobsPool({ url: () => "postgres://nobody@127.0.0.1:1/none", onError: () => {} });
  await expect(pool.connect()).rejects.toMatchObject({ code: "57P03" });
  await pool.end();
});

test("the queue may ask for a connection by callback, and the pool ends when that has come back", async () => {
  const pool = openJobsPool(options());
  const lent = await new Promise<boolean>((resolve) => {
    pool.connect((_error, client, release) => {
      release();
      resolve(client !== undefined);
    });
  });
  expect(lent).toBe(true);
  await pool.end();
});
