import { randomBytes, randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sequenceBatch } from "../../../src/platform/audit/batch.ts";
import { readEdge, tryToLead } from "../../../src/platform/audit/leader.ts";
import { makeMonthsAhead } from "../../../src/platform/audit/months.ts";
import {
  anEvent,
  auditDatabase,
  checkLog,
  eventually,
  openTestLog,
  startTestSequencer,
  terminate,
  writeEvents,
} from "../../support/audit.ts";
import type { TestDatabase } from "../../support/database.ts";

let db: TestDatabase;
beforeEach(async () => {
  db = await auditDatabase();
});
afterEach(async () => await db.close());

const size = async () =>
  Number((await db.owner.query<{ size: string }>("SELECT size FROM audit.head")).rows[0]?.size);
const events = (n: number) => Array.from({ length: n }, () => anEvent());

describe("the sequencer", () => {
  test("brings staged events into log and tree, in the order of their time", async () => {
    const log = await openTestLog(db);
    await writeEvents(db, log, events(600));
    const sequencer = startTestSequencer(db);
    await eventually("all are in the log", async () => (await size()) === 600);
    const { root } = await checkLog(db);
    expect((await readEdge(db.owner)).root()).toEqual(root);
    const order = await db.owner.query<{ sorted: boolean }>(
      "SELECT bool_and(at >= before) AS sorted FROM (SELECT at, lag(at, 1, '-infinity') OVER (ORDER BY idx) AS before FROM audit.log) t",
    );
    expect(order.rows[0]?.sorted).toBe(true);
    const staged = await db.owner.query("SELECT FROM audit.stage");
    expect(staged.rowCount).toBe(0);
    await sequencer.stop();
    await log.close();
  });

  test("finds what an event says again by every column, target, field, hour and tally", async () => {
    const log = await openTestLog(db);
    await writeEvents(db, log, [
      anEvent({
        action: "members.reveal",
        crud: "r",
        severity: 4,
        fields: ["phone", "phone"],
        target: [
          { type: "member", id: "m1" },
          { type: "ticket", id: "t1" },
        ],
        purpose: { code: "service", ticket: "T-1" },
        outcome: { result: "denied", code: "budget" },
        request: { id: "r1", ip: "203.0.113.9" },
        correlation: { incident: "inc-1" },
        policy: { id: "access", version: "7" },
      }),
    ]);
    const sequencer = startTestSequencer(db);
    await eventually("it is in the log", async () => (await size()) === 1);
    const { rows } = await db.owner.query(
      `SELECT action, crud, severity, outcome, code, purpose, ip, request, incident, policy, actor_id, category FROM audit.log`,
    );
    expect(rows).toEqual([
      {
        action: "members.reveal",
        crud: "r",
        severity: 4,
        outcome: "denied",
        code: "budget",
        purpose: "service",
        ip: "203.0.113.9",
        request: "r1",
        incident: "inc-1",
        policy: "access",
        actor_id: "0190a000-0000-7000-8000-0000000000aa",
        category: "members",
      },
    ]);
    const targets = await db.owner.query("SELECT target_type, target_id FROM audit.log_target ORDER BY 1");
    expect(targets.rows).toEqual([
      { target_type: "member", target_id: "m1" },
      { target_type: "ticket", target_id: "t1" },
    ]);
    expect((await db.owner.query("SELECT field FROM audit.log_field")).rows).toEqual([{ field: "phone" }]);
    expect((await db.owner.query("SELECT events FROM audit.tally")).rows).toEqual([{ events: "1" }]);
    await sequencer.stop();
    await log.close();
  });

  test("killed between any two statements, loses nothing and doubles nothing", async () => {
    const log = await openTestLog(db);
    const steps = ["begun", "locked", "taken", "tiled", "reported", "moved", "committed"];
    for (const at of steps) {
      for (const how of ["terminated", "thrown"] as const) {
        await writeEvents(db, log, events(300));
        let armed = true;
        const sequencer = startTestSequencer(db, {
          step: async (name) => {
            if (!armed || name !== at) return;
            armed = false;
            if (how === "thrown") throw new Error(`killed at ${at}`);
            await terminate(db, { role: "gatehouse_sequencer" });
          },
        });
        await eventually(`${how} at ${at}`, async () => {
          const staged = await db.owner.query("SELECT FROM audit.stage");
          return staged.rowCount === 0 && !armed;
        });
        await sequencer.stop();
        await checkLog(db);
      }
    }
    expect((await checkLog(db)).size).toBe(300 * steps.length * 2);
    const numbers = await db.owner.query<{ n: string }>(
      "SELECT count(DISTINCT (writer, writer_seq)) AS n FROM audit.log",
    );
    expect(Number(numbers.rows[0]?.n)).toBe(300 * steps.length * 2);
    await log.close();
  }, 60_000);

  test("of two, one leads; when it stops the other goes on", async () => {
    const log = await openTestLog(db);
    const first = startTestSequencer(db);
    await eventually("the first leads", async () => first.leading);
    const second = startTestSequencer(db);
    await writeEvents(db, log, events(50));
    await eventually("they are in the log", async () => (await size()) === 50);
    expect([first.leading, second.leading]).toEqual([true, false]);
    await first.stop();
    await writeEvents(db, log, events(50));
    await eventually("the second goes on", async () => (await size()) === 100);
    await checkLog(db);
    await second.stop();
    await log.close();
  });

  test("a leader whose lock went to another is refused by the fence", async () => {
    const log = await openTestLog(db);
    await writeEvents(db, log, events(10));
    const pool = db.pool("gatehouse_sequencer");
    const [old, young] = [await pool.connect(), await pool.connect()];
    const deposed = await tryToLead(old, "old");
    if (deposed === undefined) throw new Error("nobody else leads");
    await makeMonthsAhead(old, new Date());
    // As after a network break: the server gave the lock away, the old leader does not know.
    await old.query("SELECT pg_advisory_unlock_all()");
    expect(await tryToLead(young, "young")).toBeDefined();
    const edge = await readEdge(old);
    const options = { limit: 100, now: () => new Date(), step: async () => {} };
    await expect(sequenceBatch(deposed, edge, "0", options)).rejects.toThrow("another process leads");
    expect(await size()).toBe(0);
    await young.query("SELECT pg_advisory_unlock_all()");
    old.release(true);
    young.release(true);
    await log.close();
  });

  test("logs what is no event, a number used twice and a number that is not the body's own, and says so", async () => {
    const log = await openTestLog(db);
    const app = db.pool("gatehouse_app");
    const [one, two] = [log.prepare([anEvent()]), log.prepare([anEvent()])];
    await app.query(one.statement);
    await app.query(one.statement);
    const [, , body] = two.statement.values;
    const insert = "INSERT INTO audit.stage (writer, writer_seq, body) VALUES ($1, $2, $3)";
    await app.query(insert, [log.writer, 77, body]);
    for (const [n, bad] of ["\u0000not json", "[]", '{"at":"never"}', '{"at":7,"target":{}}'].entries())
      await app.query(insert, [log.writer, 1000 + n, Buffer.from(bad)]);
    await app.query(insert, [log.writer, 2000, Buffer.from([0xff, 0xfe, 0x00])]);
    const sequencer = startTestSequencer(db, { gapAfterMs: 3_600_000 });
    await eventually("the faults are named", async () => {
      expect(sequencer.errors).toEqual([]);
      const { rows } = await db.owner.query<{ code: string }>(
        "SELECT DISTINCT code FROM audit.log WHERE action = 'audit.integrity' ORDER BY 1",
      );
      return rows.map(({ code }) => code).join() === "duplicate,misnumbered,unreadable";
    });
    await checkLog(db);
    await sequencer.stop();
    await log.close();
  });

  test("gets past everything that can be written to the stage without the log", async () => {
    const log = await openTestLog(db);
    const app = db.pool("gatehouse_app");
    const good = () => ({ ...anEvent(), id: randomUUID(), writer: { id: log.writer, seq: 1 } });
    const long = randomBytes(6_000).toString("base64");
    const voids = (...numbers: unknown[]) => ({ ...good(), action: "audit.void", voids: numbers });
    const bodies = [
      voids({ writer: log.writer, seq: "9223372036854775807" }),
      voids({ writer: log.writer }),
      voids({ writer: log.writer, seq: -5 }),
      { ...good(), fields: [null] },
      { ...good(), fields: "phone" },
      { ...good(), target: [{}] },
      { ...good(), target: [{ type: "member", id: long }] },
      { ...good(), actor: { type: "user", id: long } },
      { ...good(), action: long },
      { ...good(), at: "infinity" },
      { ...good(), at: "4713-01-01 BC" },
      { ...good(), severity: 32_767 },
      { ...good(), crud: "" },
    ].map((body) => JSON.stringify(body));
    bodies.push(`${"[".repeat(30_000)}${"]".repeat(30_000)}`);
    const insert = "INSERT INTO audit.stage (writer, writer_seq, body) VALUES ($1, $2, $3)";
    await expect(app.query(insert, [log.writer, "9223372036854775807", Buffer.from("{}")])).rejects.toThrow(
      /stage_seq_bound/,
    );
    const sequencer = startTestSequencer(db, { gapAfterMs: 1, deadAfterMs: 3_600_000 });
    for (const [n, body] of bodies.entries()) {
      await app.query(insert, [randomUUID(), n + 1, Buffer.from(body)]);
      sequencer.wake();
      await eventually(`the stage is empty after body ${n}`, async () => {
        expect(sequencer.errors).toEqual([]);
        return (await db.owner.query("SELECT FROM audit.stage")).rowCount === 0;
      });
    }
    // the search for gaps still sees, and a forged number far away costs no more than a near one
    await app.query(insert, [log.writer, 1, Buffer.from(JSON.stringify(good()))]);
    await app.query(insert, [log.writer, 1_000_000_000_000, Buffer.from(JSON.stringify(good()))]);
    sequencer.wake();
    await eventually("the gap is named", async () => {
      const { rows } = await db.owner.query<{ body: Buffer }>(
        "SELECT body FROM audit.log WHERE action = 'audit.integrity' AND code = 'gap'",
      );
      return rows.some(({ body }) => String(body).includes(log.writer));
    });
    expect(sequencer.errors).toEqual([]);
    await checkLog(db);
    await sequencer.stop();
    await log.close();
  });

  test("names a gap that nobody closed, once", async () => {
    const log = await openTestLog(db);
    log.prepare([anEvent()]); // prepared, and neither committed nor lost
    await writeEvents(db, log, events(3));
    const sequencer = startTestSequencer(db, { gapAfterMs: 1 });
    sequencer.wake();
    await eventually("the gap is named", async () => {
      const { rows } = await db.owner.query<{ body: Buffer }>(
        "SELECT body FROM audit.log WHERE action = 'audit.integrity'",
      );
      return rows.length === 1 && String(rows[0]?.body).includes('"numbers":"1"');
    });
    await sequencer.stop();
    await log.close();
  }, 20_000);

  test("closes the range of a writer whose process is gone", async () => {
    const log = await openTestLog(db);
    await writeEvents(db, log, events(2));
    log.prepare([anEvent(), anEvent()]); // lost with the process
    await writeEvents(db, log, events(1));
    const sequencer = startTestSequencer(db, { gapAfterMs: 3_600_000 });
    await eventually("they are in the log", async () => (await size()) === 3);
    const dead = log.writer;
    await terminate(db, { name: `gatehouse writer ${dead.slice(-12)}` });
    await eventually("its end is logged", async () => {
      const { rows } = await db.owner.query<{ seen: string; ended: boolean }>(
        "SELECT seen::text, ended_at IS NOT NULL AS ended FROM audit.writer_progress WHERE writer = $1",
        [dead],
      );
      return rows[0] !== undefined && rows[0].ended && rows[0].seen === "{[1,6)}";
    });
    await eventually("the process goes on as another writer", async () => log.writer !== dead);
    await checkLog(db);
    await sequencer.stop();
    await log.close();
  }, 20_000);
});
