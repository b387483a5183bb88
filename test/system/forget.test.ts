import { afterAll, beforeAll, expect, test } from "vitest";
import { forgetHistory } from "../../src/system/forget/commands.ts";
import { forgetJob } from "../../src/system/forget/jobs.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { type TestDoor, testDoor } from "../support/door.ts";

let db: TestDatabase;
let t: TestDoor;
beforeAll(async () => {
  db = await testDatabase();
  t = await testDoor(db, {
    commands: [forgetHistory],
    params: { idempotency_hours: 48, history_days: 30 },
  });
});
afterAll(async () => {
  await t.close();
  await db.close();
});

/** Rows of another day, put there past the walls. */
async function asOwner(sql: string): Promise<void> {
  const client = await db.owner.connect();
  await client.query(
    "ALTER TABLE door.command DISABLE TRIGGER USER; ALTER TABLE door.outbox DISABLE TRIGGER USER",
  );
  await client.query(sql);
  await client.query(
    "ALTER TABLE door.command ENABLE TRIGGER USER; ALTER TABLE door.outbox ENABLE TRIGGER USER",
  );
  client.release();
}

test("at night what is only history goes: old keys, runs that went well, effects that arrived", async () => {
  await asOwner(`
    INSERT INTO door.command (id, name, actor_type, actor_id, input_digest, at)
      SELECT gen_random_uuid(), n, 'user', 'x', '', now() - a::interval
      FROM (VALUES ('old', '49 hours'), ('young', '47 hours')) AS v (n, a);
    INSERT INTO jobs.run (id, job, state, finished_at)
      SELECT gen_random_uuid(), j, s, now() - a::interval
      FROM (VALUES ('old', 'done', '31 days'), ('young', 'done', '29 days'), ('waits', 'failed', '31 days')) AS v (j, s, a);
    INSERT INTO door.outbox (id, command_id, kind, body, state, due_at, created_at, delivered_at)
      SELECT gen_random_uuid(), gen_random_uuid(), k, '', s, now(), now(), now() - a::interval
      FROM (VALUES ('old', 'delivered', '31 days'), ('young', 'delivered', '29 days'), ('waits', 'failed', '31 days')) AS v (k, s, a)`);

  await forgetJob.run(
    {
      door: t.door,
      credential: { type: "scheduler", job: forgetJob.name },
      signal: new AbortController().signal,
    },
    {},
  );

  const left = async (sql: string) =>
    (await db.owner.query<{ n: string }>(sql)).rows.map((row) => row.n).toSorted();
  expect(await left("SELECT name AS n FROM door.command")).toEqual(["system.forget", "young"]);
  expect(await left("SELECT job AS n FROM jobs.run")).toEqual(["waits", "young"]);
  expect(await left("SELECT kind AS n FROM door.outbox")).toEqual(["waits", "young"]);
  expect((await t.events()).at(-1)).toMatchObject({
    action: "system.forget",
    actor: { type: "scheduler" },
    facts: { commands: 1, runs: 1, effects: 1 },
  });
});

test("nothing is forgotten outside the door", async () => {
  await asOwner(`
    INSERT INTO jobs.run (id, job, state, finished_at)
      VALUES (gen_random_uuid(), 'old', 'done', now() - interval '31 days');
    INSERT INTO door.command (id, name, actor_type, actor_id, input_digest, at)
      VALUES (gen_random_uuid(), 'old', 'user', 'x', '', now() - interval '31 days')`);
  const app = db.pool("gatehouse_app");
  expect((await app.query("SELECT jobs.forget(now()) AS n")).rows).toEqual([{ n: "0" }]);
  expect((await app.query("SELECT door.forget_commands(now()) AS n")).rows).toEqual([{ n: "0" }]);
  await expect(app.query("SELECT door.forget_effects(now())")).rejects.toMatchObject({ code: "GH001" });
});
