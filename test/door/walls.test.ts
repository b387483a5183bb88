import { randomUUID } from "node:crypto";
import type { PoolClient } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "../support/database.ts";

/*
 * What the database refuses to the application's own role even inside a command: this is the wall behind a hole in the
 * code, so nothing here goes through the door's code.
 */

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(async () => await db.close());

const COMMAND =
  "INSERT INTO door.command (id, name, actor_type, actor_id, input_digest) VALUES ($1, 'x', 'user', 'x', '')";

/** Runs work as the application inside a command that has its event, and commits. Gives the command's id. */
async function inCommand(work: (app: PoolClient, command: string) => Promise<unknown>): Promise<string> {
  const app = await db.pool("gatehouse_app").connect();
  const id = randomUUID();
  try {
    await app.query("BEGIN");
    await app.query(COMMAND, [id]);
    await app.query("INSERT INTO audit.stage (writer, writer_seq, body) VALUES ($1, 1, '{}')", [
      randomUUID(),
    ]);
    await work(app, id);
    await app.query("COMMIT");
    return id;
  } catch (error) {
    await app.query("ROLLBACK");
    throw error;
  } finally {
    app.release();
  }
}

/** A request of one person for the agreement of `required` others. */
async function request(required = 1): Promise<string> {
  const id = randomUUID();
  await inCommand(
    async (app) =>
      await app.query(
        `INSERT INTO door.approval_request (id, operation, subject_type, subject_id, payload, payload_digest,
           requested_by, reason, required, from_roles, created_at, expires_at)
         VALUES ($1, 'x', 'thing', $1::uuid::text, 'e1.x', 'digest', gen_random_uuid(), 'e1.x', $2, '{approver}', now(), now() + interval '1 day')`,
        [id, required],
      ),
  );
  return id;
}

async function agree(id: string, digest = "digest"): Promise<void> {
  await inCommand(
    async (app) =>
      await app.query(
        `INSERT INTO door.approval (id, request_id, requested_by, approver, decision, payload_digest, session, at)
         SELECT gen_random_uuid(), id, requested_by, gen_random_uuid(), 'approve', $2::bytea, '', now()
         FROM door.approval_request WHERE id = $1`,
        [id, digest],
      ),
  );
}

const close = async (id: string, state: string) =>
  await inCommand(
    async (app) =>
      await app.query("UPDATE door.approval_request SET state = $2, closed_at = now() WHERE id = $1", [
        id,
        state,
      ]),
  );

describe("a request for four eyes", () => {
  test.each([
    "operation = 'y'",
    "subject_id = 'y'",
    "subject_version = 7",
    "payload = 'e1.y'",
    "payload_digest = ''",
    "requested_by = gen_random_uuid()",
    "reason = 'e1.y'",
    "required = 1",
    "from_roles = '{anybody}'",
    "created_at = now()",
    "expires_at = now() + interval '1 year'",
  ])("is never rewritten: %s", async (change) => {
    const id = await request(2);
    const rewrite = inCommand(
      async (app) => await app.query(`UPDATE door.approval_request SET ${change} WHERE id = $1`, [id]),
    );
    await expect(rewrite).rejects.toMatchObject({ code: "42501" });
  });

  test("is born open", async () => {
    const born = inCommand(
      async (app) =>
        await app.query(
          `INSERT INTO door.approval_request (id, operation, subject_type, subject_id, payload, payload_digest,
             requested_by, reason, required, from_roles, created_at, expires_at, state, closed_at)
           VALUES (gen_random_uuid(), 'x', 'x', 'x', 'e1.x', '', gen_random_uuid(), 'e1.x', 1, '{}', now(),
                   now() + interval '1 day', 'executed', now())`,
        ),
    );
    await expect(born).rejects.toMatchObject({ code: "42501" });
  });

  test("is done only when enough people agreed to this very payload", async () => {
    const id = await request(2);
    await agree(id);
    await agree(id, "another payload");
    await expect(close(id, "executed")).rejects.toMatchObject({ code: "GH007" });
    await agree(id);
    await close(id, "executed");
  });

  test("stays closed, also for the owner of the tables", async () => {
    const id = await request();
    await close(id, "denied");
    await agree(id);
    await expect(close(id, "executed")).rejects.toMatchObject({ code: "GH003" });
    const owner = await db.owner.connect();
    await owner.query("BEGIN");
    await owner.query(COMMAND, [randomUUID()]);
    await expect(
      owner.query("UPDATE door.approval_request SET state = 'open', closed_at = NULL WHERE id = $1", [id]),
    ).rejects.toMatchObject({ code: "GH003" });
    await owner.query("ROLLBACK");
    owner.release();
  });
});

describe("the row of a command", () => {
  const result = "UPDATE door.command SET result = $2 WHERE id = $1";

  test("gets its result from its own transaction, once", async () => {
    const id = await inCommand(async (app, own) => await app.query(result, [own, "e1.first"]));
    const twice = inCommand(async (app, own) => {
      await app.query(result, [own, "e1.first"]);
      await app.query(result, [own, "e1.second"]);
    });
    await expect(twice).rejects.toMatchObject({ code: "GH003" });
    const empty = await inCommand(async () => {});
    for (const other of [id, empty]) {
      await expect(db.pool("gatehouse_app").query(result, [other, "e1.forged"])).rejects.toMatchObject({
        code: "GH003",
      });
      const fromAnother = inCommand(async (app) => await app.query(result, [other, "e1.forged"]));
      await expect(fromAnother).rejects.toMatchObject({ code: "GH003" });
    }
  });

  test.each(["xid", "at", "result"])("cannot name its own %s", async (column) => {
    const value = { xid: "'999999'::xid8", at: "now()", result: "'e1.x'" }[column];
    await expect(
      db.pool("gatehouse_app").query(
        `INSERT INTO door.command (id, name, actor_type, actor_id, input_digest, ${column})
         VALUES (gen_random_uuid(), 'x', 'user', 'x', '', ${value})`,
      ),
    ).rejects.toMatchObject({ code: "42501" });
  });
});

describe("beside it", () => {
  test("a deed keeps its doer, and an effect its kind and its command", async () => {
    for (const rewrite of [
      "UPDATE door.deed SET actor_id = 'somebody else'",
      "UPDATE door.outbox SET kind = 'x'",
      "UPDATE door.outbox SET command_id = gen_random_uuid()",
    ]) {
      const attempt = inCommand(async (app) => await app.query(rewrite));
      await expect(attempt, rewrite).rejects.toMatchObject({ code: "42501" });
    }
  });

  test("the application wakes a job only inside a command; the queue's own role wakes what is scheduled", async () => {
    const wake = "SELECT jobs.enqueue('x.job', '{}')";
    await expect(db.pool("gatehouse_app").query(wake)).rejects.toMatchObject({ code: "GH001" });
    await inCommand(async (app) => await app.query(wake));
    await db.pool("gatehouse_jobs").query("SELECT jobs.enqueue('x.scheduled', '{}')");
    const { rows } = await db.owner.query("SELECT job FROM jobs.run ORDER BY job");
    expect(rows).toEqual([{ job: "x.job" }, { job: "x.scheduled" }]);
  });
});
