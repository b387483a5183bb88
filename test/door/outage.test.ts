import { sql } from "kysely";
import { Client, Pool } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { command } from "../../src/door/command.ts";
import { isOutage } from "../../src/door/transaction.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { testDoor } from "../support/door.ts";

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(async () => await db.close());

const failure = async (promise: Promise<unknown>): Promise<unknown> =>
  await promise.then(
    () => undefined,
    (error: unknown) => error,
  );

test("a server that is not there, goes away or ends a session is an outage; a wrong statement is none", async () => {
  const nowhere = new Client({ host: "127.0.0.1", port: 1, user: "x" });
  expect(isOutage(await failure(nowhere.connect()))).toBe(true);

  const pool = new Pool({ connectionString: db.url("gatehouse_app"), max: 1 });
  pool.on("error", () => {});
  const client = await pool.connect();
  client.on("error", () => {});
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  const asleep = failure(client.query("SELECT pg_sleep(30)"));
  const admin = new Client({ connectionString: db.adminUrl });
  await admin.connect();
  await admin.query("SELECT pg_terminate_backend($1)", [rows[0]?.pid]);
  expect(isOutage(await asleep)).toBe(true);
  expect(isOutage(await failure(client.query("SELECT 1")))).toBe(true);
  client.release(true);
  await pool.end();

  expect(isOutage(await failure(admin.query("SELECT nothing")))).toBe(false);
  expect(isOutage(new TypeError("x is undefined"))).toBe(false);
  await admin.end();
});

test("a command that loses its connection is unavailable for a moment, and no unexpected error", async () => {
  const cut = command({
    name: "outage.cut",
    input: z.strictObject({}),
    async run({ tx }) {
      const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(tx);
      const admin = new Client({ connectionString: db.adminUrl });
      await admin.connect();
      await admin.query("SELECT pg_terminate_backend($1)", [rows[0]?.pid]);
      await admin.end();
    },
  });
  const t = await testDoor(db, { commands: [cut] });
  expect(await failure(t.door.execute(cut, t.person("outage.cut"), {}))).toMatchObject({
    kind: "unavailable",
    code: "database",
    details: { retryAfter: 2 },
  });
  expect(t.unexpected).toEqual([]);
  await t.close();
});
