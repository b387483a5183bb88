import { afterAll, beforeAll, expect, test } from "vitest";
import {
  openJobsPool,
  openReadPool,
  openSequencerPool,
  openWritePool,
  type PoolOptions,
} from "../../../src/platform/database/index.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { withClient } from "../../support/server.ts";

let db: TestDatabase;
let options: PoolOptions;
const errors: string[] = [];
beforeAll(async () => {
  db = await testDatabase();
  options = { url: (role) => db.url(role), onError: (_error, role) => errors.push(role) };
});
afterAll(async () => await db.close());

test("values arrive whole: counts as bigint, days as days, instants as Date", async () => {
  const { pool } = openReadPool(options);
  try {
    const { rows } = await pool.query(`
      SELECT 9007199254740993 AS large, date '1990-02-03' AS born, timestamptz '2026-01-02 03:04:05.678+08' AS at,
             '\\x00ff'::bytea AS bytes, '{"a": [1]}'::jsonb AS body, 1.50::numeric AS price`);
    expect(rows).toEqual([
      {
        large: 9007199254740993n,
        born: "1990-02-03",
        at: new Date("2026-01-01T19:04:05.678Z"),
        bytes: Buffer.from([0, 255]),
        body: { a: [1] },
        price: "1.50",
      },
    ]);
  } finally {
    await pool.end();
  }
});

test("each pool signs in as its own role", async () => {
  const pools = [
    openWritePool(options),
    openReadPool(options).pool,
    openSequencerPool(options),
    openJobsPool(options),
  ];
  try {
    const names = await Promise.all(
      pools.map(async (pool) => (await pool.query("SELECT current_user::text AS me")).rows[0]),
    );
    expect(names).toEqual(
      ["gatehouse_app", "gatehouse_reader", "gatehouse_sequencer", "gatehouse_jobs"].map((me) => ({ me })),
    );
  } finally {
    await Promise.all(pools.map(async (pool) => await pool.end()));
  }
});

test("the read pool's queries cannot write", async () => {
  const { db: kysely, pool } = openReadPool(options);
  try {
    const now = new Date();
    const writing = kysely
      .insertInto("door.deed")
      .values({ command: "a.b", target_type: "x", target_id: "1", actor_id: "1", at: now })
      .execute();
    await expect(writing).rejects.toMatchObject({ code: "25006" });
  } finally {
    await pool.end();
  }
});

test("a connection that the server ends is replaced, and said so", async () => {
  const pool = openWritePool(options);
  try {
    await pool.query("SELECT 1");
    await withClient(db.adminUrl, async (admin) => {
      await admin.query(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'gatehouse_app' AND datname = current_database()",
      );
    });
    await expect.poll(() => errors).toEqual(["gatehouse_app"]);
    expect((await pool.query("SELECT 1 AS up")).rows).toEqual([{ up: 1 }]);
  } finally {
    await pool.end();
  }
});
