import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { sql } from "kysely";
import { z } from "zod";
import { command, query, reveal } from "../../src/door/command.ts";
import type { Statement, WritePool } from "../../src/door/ports.ts";
import { Refusal } from "../../src/door/refusal.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { type TestDoor, testDoor } from "../support/door.ts";

let db: TestDatabase;
let t: TestDoor;

const note = command({
  name: "notes.write",
  input: z.strictObject({ id: z.uuid(), text: z.string().min(1).max(100), fail: z.boolean().optional() }),
  crud: "c",
  target: (input) => ({ type: "note", id: input.id }),
  async run({ tx, input, record, now }) {
    await sql`INSERT INTO test.note (id, text, at) VALUES (${input.id}, ${input.text}, ${now})`.execute(tx);
    record.change("length", null, input.text.length);
    if (input.fail === true) throw new Error("broken after the write");
    return { length: input.text.length };
  },
});

const sign = command({
  name: "notes.sign",
  input: z.strictObject({ id: z.uuid(), reason: z.string().max(200) }),
  target: (input) => ({ type: "note", id: input.id }),
  async run({ tx, input }) {
    await sql`UPDATE test.note SET signed = true WHERE id = ${input.id}`.execute(tx);
    return {};
  },
});

/** Opens while somebody holds a note, and lets go of it when told to. */
const holding = { begun: Promise.withResolvers<void>(), over: Promise.withResolvers<void>() };

const rewrite = command({
  name: "notes.rewrite",
  input: z.strictObject({ id: z.uuid() }),
  target: (input) => ({ type: "note", id: input.id }),
  async run({ tx, input }) {
    await sql`UPDATE test.note SET text = 'rewritten' WHERE id = ${input.id}`.execute(tx);
    holding.begun.resolve();
    await holding.over.promise;
  },
});

const countersign = command({
  name: "notes.countersign",
  input: z.strictObject({ id: z.uuid() }),
  target: (input) => ({ type: "note", id: input.id }),
  async run({ tx, input }) {
    await sql`SELECT 1 FROM test.note WHERE id = ${input.id} FOR UPDATE`.execute(tx);
    await sql`UPDATE test.note SET signed = true WHERE id = ${input.id}`.execute(tx);
  },
});

const count = query({
  name: "notes.count",
  input: z.strictObject({}),
  logged: () => ({ target: [{ type: "note", id: "all" }] }),
  async run({ tx }) {
    const { rows } = await sql<{ n: bigint }>`SELECT count(*) AS n FROM test.note`.execute(tx);
    return Number(rows[0]?.n);
  },
});

const scribble = query({
  name: "notes.scribble",
  input: z.strictObject({}),
  async run({ tx }) {
    await sql`INSERT INTO test.note (id, text, at) VALUES (gen_random_uuid(), 'x', now())`.execute(tx);
  },
});

const order: string[] = [];
const look = reveal({
  name: "notes.look",
  input: z.strictObject({ id: z.uuid() }),
  target: (input) => ({ type: "note", id: input.id }),
  async run({ input, record }) {
    record.purpose("check");
    order.push("granted");
    return { id: input.id };
  },
  covers: (granted) => [{ table: "test.note", column: "text", rowId: granted.id }],
  async open({ release, granted }) {
    const { rows } = await db.owner.query(
      "SELECT 1 FROM audit.stage WHERE convert_from(body, 'UTF8') LIKE '%notes.look%'",
    );
    order.push(`opened with ${rows.length} event`);
    return release.covers({ table: "test.note", column: "text", rowId: granted.id });
  },
});

beforeAll(async () => {
  db = await testDatabase();
  await db.owner.query(`
    CREATE SCHEMA test; GRANT USAGE ON SCHEMA test TO gatehouse_app, gatehouse_reader;
    CREATE TABLE test.note (id uuid PRIMARY KEY, text text, signed boolean DEFAULT false, at timestamptz);
    SELECT door.business_table('test.note', 'insert, update, delete');`);
  t = await testDoor(db, {
    commands: [note, sign, secret, rewrite, countersign],
    gates: { "notes.sign": { kind: "four-eyes", quorum: 1, from: ["test"], minutes: 60, ask: "none" } },
    duties: { "notes.sign": ["notes.write"], "notes.countersign": ["notes.rewrite"] },
  });
});
afterAll(async () => {
  await t.close();
  await db.close();
});

const refusalOf = async (promise: Promise<unknown>): Promise<Refusal> => {
  const error: unknown = await promise.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(Refusal);
  return error as Refusal; // checked on the line above
};
const noteCount = async () => Number((await db.owner.query("SELECT count(*) AS n FROM test.note")).rows[0].n);

describe("a command", () => {
  it("changes the table and leaves its event in the same transaction", async () => {
    const done = await t.door.execute(note, t.person("notes.write"), {
      id: crypto.randomUUID(),
      text: "hello",
    });
    expect(done.value).toEqual({ length: 5 });
    const { rows } = await db.owner.query(
      `SELECT c.name, convert_from(s.body, 'UTF8')::json AS body FROM door.command c JOIN audit.stage s USING (xid) WHERE c.id = $1`,
      [done.commandId],
    );
    expect(rows).toHaveLength(1);
    expect(rows[0].body).toMatchObject({
      action: "notes.write",
      outcome: { result: "success" },
      change: [{ field: "length", before: null, after: 5 }],
      correlation: { command_id: done.commandId },
      policy: { id: "access", version: "0.0.1", set: "0".repeat(64) },
    });
  });

  it("refuses who may not, writes nothing, and logs the denial", async () => {
    const before = await noteCount();
    const refusal = await refusalOf(
      t.door.execute(note, t.person("other.thing"), { id: crypto.randomUUID(), text: "no" }),
    );
    expect(refusal).toMatchObject({ kind: "denied", code: "permission" });
    expect(await noteCount()).toBe(before);
    expect((await t.events()).at(-1)).toMatchObject({
      action: "notes.write",
      outcome: { result: "denied", code: "permission" },
    });
  });

  it("refuses unknown keys and wrong values with the field and a code, never with the value", async () => {
    const refusal = await refusalOf(
      t.door.execute(note, t.person("notes.write"), { id: "13800138000", text: "", admin: true }),
    );
    expect(refusal.kind).toBe("invalid");
    expect(refusal.details.issues).toEqual(
      expect.arrayContaining([
        { path: "id", code: "format" },
        { path: "text", code: "required" },
        { path: "admin", code: "unknown" },
      ]),
    );
    expect(JSON.stringify(await t.events())).not.toContain("13800138000");
    // the name of an unknown field may itself be anything
    await refusalOf(t.door.execute(note, t.person("notes.write"), { "13900139000": "x" }));
    expect(JSON.stringify(await t.events())).not.toContain("13900139000");
  });

  it("rolls everything back when it breaks after a write, and says only that it did", async () => {
    const id = crypto.randomUUID();
    const refusal = await refusalOf(
      t.door.execute(note, t.person("notes.write"), { id, text: "x", fail: true }),
    );
    expect(refusal).toMatchObject({ kind: "unavailable", code: "unexpected" });
    expect((await db.owner.query("SELECT 1 FROM test.note WHERE id = $1", [id])).rowCount).toBe(0);
    expect(String(t.unexpected.at(-1))).toContain("broken after the write");
    expect((await t.events()).at(-1)).toMatchObject({ outcome: { result: "failure", code: "unexpected" } });
  });

  it("does not let an ended session pass", async () => {
    const person = t.person("notes.write");
    t.end(person);
    expect(
      await refusalOf(t.door.execute(note, person, { id: crypto.randomUUID(), text: "x" })),
    ).toMatchObject({
      kind: "denied",
      code: "session_ended",
    });
  });
});

describe("an idempotency key", () => {
  it("gives the first result again, and changes nothing a second time", async () => {
    const person = t.person("notes.write");
    const input = { id: crypto.randomUUID(), text: "once" };
    const first = await t.door.execute(note, person, input, { idempotencyKey: "k1" });
    const events = (await t.events()).length;
    const again = await t.door.execute(note, person, input, { idempotencyKey: "k1" });
    expect(again).toMatchObject({ value: first.value, commandId: first.commandId, replayed: true });
    expect((await t.events()).length).toBe(events);
  });

  it("is a conflict with another input, and free for another person", async () => {
    const person = t.person("notes.write");
    await t.door.execute(note, person, { id: crypto.randomUUID(), text: "a" }, { idempotencyKey: "k2" });
    expect(
      await refusalOf(
        t.door.execute(note, person, { id: crypto.randomUUID(), text: "b" }, { idempotencyKey: "k2" }),
      ),
    ).toMatchObject({ kind: "conflict", code: "idempotency_key" });
    const other = await t.door.execute(
      note,
      t.person("notes.write"),
      { id: crypto.randomUUID(), text: "c" },
      { idempotencyKey: "k2" },
    );
    expect(other.replayed).toBe(false);
  });

  it("lets exactly one of twenty racers through", async () => {
    const person = t.person("notes.write");
    const input = { id: crypto.randomUUID(), text: "race" };
    const all = await Promise.all(
      Array.from(
        { length: 20 },
        async () => await t.door.execute(note, person, input, { idempotencyKey: "race" }),
      ),
    );
    expect(all.filter((done) => !done.replayed)).toHaveLength(1);
    expect(new Set(all.map((done) => done.commandId)).size).toBe(1);
  });

  it("is not shown to somebody who may not do it any more", async () => {
    const person = t.person("notes.write");
    const input = { id: crypto.randomUUID(), text: "gone" };
    await t.door.execute(note, person, input, { idempotencyKey: "k3" });
    t.end(person);
    expect((await refusalOf(t.door.execute(note, person, input, { idempotencyKey: "k3" }))).kind).toBe(
      "denied",
    );
  });
});

const secret = command({
  name: "notes.secret",
  shownOnce: true,
  input: z.strictObject({ n: z.int() }),
  async run() {
    return { code: "shown once" };
  },
});

describe("a result that is shown once", () => {
  it("is not kept: the same key again is told so", async () => {
    const person = t.person("notes.secret");
    const first = await t.door.execute(secret, person, { n: 1 }, { idempotencyKey: "s1" });
    expect(first.value).toEqual({ code: "shown once" });
    const again = await refusalOf(t.door.execute(secret, person, { n: 1 }, { idempotencyKey: "s1" }));
    expect(again).toMatchObject({ kind: "conflict", code: "shown_once" });
    const { rows } = await db.owner.query("SELECT result FROM door.command WHERE idempotency_key = 's1'");
    expect(rows).toEqual([{ result: null }]);
  });
});

describe("a commit whose answer is lost with the connection", () => {
  /** Breaks the connection at the commit: after the server got it, or before. */
  const breaking = (when: "after" | "before") => (pool: WritePool) => {
    let armed = true;
    return {
      async connect() {
        const connection = await pool.connect();
        return {
          async query(statement: Statement | string) {
            if (statement !== "COMMIT" || !armed) return await connection.query(statement);
            armed = false;
            if (when === "after") await connection.query(statement);
            else await connection.query("ROLLBACK");
            throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
          },
          release: (e?: Error | boolean) => connection.release(e ?? true),
        };
      },
    };
  };

  it("is told as done when the database has it", async () => {
    const broken = await testDoor(db, { commands: [note], wrap: breaking("after") });
    const id = crypto.randomUUID();
    const done = await broken.door.execute(note, broken.person("notes.write"), { id, text: "landed" });
    expect(done.value).toEqual({ length: 6 });
    expect((await db.owner.query("SELECT 1 FROM test.note WHERE id = $1", [id])).rowCount).toBe(1);
    await broken.close();
  });

  it("is told as failed when the database has nothing of it", async () => {
    const broken = await testDoor(db, { commands: [note], wrap: breaking("before") });
    const id = crypto.randomUUID();
    const refusal = await refusalOf(
      broken.door.execute(note, broken.person("notes.write"), { id, text: "gone" }),
    );
    expect(refusal.kind).toBe("unavailable");
    expect((await db.owner.query("SELECT 1 FROM test.note WHERE id = $1", [id])).rowCount).toBe(0);
    await broken.close();
  });
});

describe("four eyes", () => {
  it("gives the same request again to the same key", async () => {
    const asker = t.person("notes.sign");
    const input = { id: crypto.randomUUID(), reason: "r" };
    const first = await refusalOf(t.door.execute(sign, asker, input, { idempotencyKey: "f1" }));
    const again = await refusalOf(t.door.execute(sign, asker, input, { idempotencyKey: "f1" }));
    expect(again).toMatchObject({ kind: "pending-approval", details: { approval: first.details.approval } });
  });

  it("stores the sealed input and does nothing else", async () => {
    const id = crypto.randomUUID();
    await t.door.execute(note, t.person("notes.write"), { id, text: "to sign" });
    const refusal = await refusalOf(
      t.door.execute(sign, t.person("notes.sign"), { id, reason: "quarter end 13900139000" }),
    );
    expect(refusal).toMatchObject({ kind: "pending-approval", details: { approval: expect.any(String) } });
    const { rows } = await db.owner.query("SELECT * FROM door.approval_request WHERE id = $1", [
      refusal.details.approval,
    ]);
    expect(rows[0]).toMatchObject({ operation: "notes.sign", state: "open", subject_id: id });
    expect(rows[0].payload).toMatch(/^e1\./);
    expect(rows[0].reason).toMatch(/^e1\./);
    expect((await db.owner.query("SELECT signed FROM test.note WHERE id = $1", [id])).rows[0].signed).toBe(
      false,
    );
  });

  it("allows one open request per subject and operation", async () => {
    const id = crypto.randomUUID();
    const asker = t.person("notes.sign");
    const asks = await Promise.all(
      Array.from(
        { length: 5 },
        async () => await refusalOf(t.door.execute(sign, asker, { id, reason: "r" })),
      ),
    );
    expect(asks.filter((r) => r.kind === "pending-approval")).toHaveLength(1);
    expect(asks.filter((r) => r.code === "approval_open")).toHaveLength(4);
  });

  it("goes on working after a connection has planned the statement once and for all", async () => {
    // PostgreSQL takes a generic plan from the sixth use of a prepared statement on
    const asker = t.person("notes.sign");
    for (let n = 0; n < 12; n += 1) {
      const refusal = await refusalOf(t.door.execute(sign, asker, { id: crypto.randomUUID(), reason: "r" }));
      expect(refusal.kind).toBe("pending-approval");
    }
  });

  it("keeps duties apart before it even asks", async () => {
    const writer = t.person("notes.write", "notes.sign");
    const id = crypto.randomUUID();
    await t.door.execute(note, writer, { id, text: "mine" });
    expect(await refusalOf(t.door.execute(sign, writer, { id, reason: "r" }))).toMatchObject({
      kind: "denied",
      code: "duty",
    });
  });

  it("keeps them apart when one person does both halves at one moment", async () => {
    const both = t.person("notes.write", "notes.rewrite", "notes.countersign");
    const id = crypto.randomUUID();
    await t.door.execute(note, t.person("notes.write"), { id, text: "somebody's" });

    const first = t.door.execute(rewrite, both, { id });
    await holding.begun.promise;
    // asked now, the duty knows of nothing: the rewriting is not committed
    const second = refusalOf(t.door.execute(countersign, both, { id }));
    const waiting = vi.waitFor(async () => {
      const { rows } = await db.owner.query("SELECT 1 FROM pg_locks WHERE NOT granted");
      expect(rows).not.toHaveLength(0);
    });
    await waiting.finally(() => holding.over.resolve());
    await first;

    expect(await second).toMatchObject({ kind: "denied", code: "duty" });
    const { rows } = await db.owner.query("SELECT signed FROM test.note WHERE id = $1", [id]);
    expect(rows).toEqual([{ signed: false }]);
  });
});

describe("a query", () => {
  it("answers, and leaves its look in the log where policy wants it", async () => {
    expect(await t.door.ask(count, t.person("notes.count"), {})).toBeGreaterThan(0);
    expect((await t.events()).at(-1)).toMatchObject({ action: "notes.count", crud: "r" });
  });

  it("cannot write", async () => {
    await expect(t.door.ask(scribble, t.person("notes.scribble"), {})).rejects.toThrow(
      /permission denied|read-only/,
    );
  });
});

describe("a reveal", () => {
  it("commits its event before it opens anything", async () => {
    order.length = 0;
    const done = await t.door.reveal(look, t.person("notes.look"), { id: crypto.randomUUID() });
    expect(done.value).toBe(true);
    expect(order).toEqual(["granted", "opened with 1 event"]);
  });
});

describe("the database, when the application forgets the door", () => {
  it("refuses a change without a command row", async () => {
    const app = db.pool("gatehouse_app");
    for (const statement of [
      "INSERT INTO test.note (id) VALUES (gen_random_uuid())",
      "UPDATE test.note SET text = 'x'",
      "DELETE FROM test.note",
    ]) {
      await expect(app.query(statement)).rejects.toMatchObject({ code: "GH001" });
    }
    await expect(db.owner.query("TRUNCATE test.note")).rejects.toMatchObject({ code: "GH001" });
  });

  it("refuses to commit a command without its event", async () => {
    const client = await db.pool("gatehouse_app").connect();
    try {
      await client.query("BEGIN");
      await client.query(
        "INSERT INTO door.command (id, name, actor_type, actor_id, input_digest) VALUES (gen_random_uuid(), 'notes.write', 'user', 'x', '')",
      );
      await client.query("INSERT INTO test.note (id, text) VALUES (gen_random_uuid(), 'smuggled')");
      await expect(client.query("COMMIT")).rejects.toMatchObject({ code: "GH002" });
      expect((await db.owner.query("SELECT 1 FROM test.note WHERE text = 'smuggled'")).rowCount).toBe(0);
    } finally {
      client.release();
    }
  });
});
