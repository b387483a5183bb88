import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/door/clock.ts";
import { openLog } from "../../../src/platform/audit/log.ts";
import {
  anEvent,
  auditDatabase,
  checkLog,
  eventually,
  openTestLog,
  startTestSequencer,
} from "../../support/audit.ts";
import type { TestDatabase } from "../../support/database.ts";

let db: TestDatabase;
beforeAll(async () => {
  db = await auditDatabase();
});
afterAll(async () => await db.close());

/** What the tests look at in a body. */
interface Staged {
  action: string;
  writer: unknown;
  voids: unknown[];
  target: unknown;
  facts: { detail_sha256: string };
}

const parse = (body: Buffer): Staged => JSON.parse(body.toString());

const staged = async (writer: string) => {
  const { rows } = await db.owner.query<{ seq: number; body: Buffer }>(
    "SELECT writer_seq::float8 AS seq, body FROM audit.stage WHERE writer = $1 ORDER BY 1",
    [writer],
  );
  return rows.map(({ seq, body }) => ({
    seq,
    event: parse(body),
  }));
};

describe("writing to the log", () => {
  test("numbers events without a gap and puts the number into the body", async () => {
    const log = await openTestLog(db);
    for (const events of [[anEvent()], [anEvent(), anEvent()], [anEvent()]])
      await db.pool("gatehouse_app").query(log.prepare(events).statement);
    const rows = await staged(log.writer);
    expect(rows.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(rows.map(({ event }) => event.writer)).toEqual(
      [1, 2, 3, 4].map((seq) => ({ id: log.writer, seq })),
    );
    await log.close();
  });

  test("closes lost numbers with the next event, in the same statement", async () => {
    const log = await openTestLog(db);
    log.prepare([anEvent(), anEvent()]).lost();
    await db.pool("gatehouse_app").query(log.prepare([anEvent()]).statement);
    const rows = await staged(log.writer);
    expect(rows.map(({ seq, event }) => [seq, event.action])).toEqual([
      [3, "members.edit"],
      [4, "audit.void"],
    ]);
    expect(rows[1]?.event.voids).toEqual([
      { writer: log.writer, seq: 1 },
      { writer: log.writer, seq: 2 },
    ]);
    await log.close();
  });

  test("closes lost numbers by itself within seconds when nothing else happens", async () => {
    const log = await openTestLog(db);
    log.prepare([anEvent()]).lost();
    await eventually("a void event is staged", async () => (await staged(log.writer)).length === 1);
    await log.close();
  });

  test("closes lost numbers when the process stops", async () => {
    const log = await openTestLog(db);
    log.prepare(Array.from({ length: 700 }, () => anEvent())).lost();
    await log.close();
    const rows = await staged(log.writer);
    expect(rows.map(({ event }) => event.voids.length)).toEqual([500, 200]);
  });

  test("a statement that fails changes nothing, and its numbers are closed like the rest", async () => {
    const log = await openTestLog(db);
    const bad = anEvent({ facts: { ratio: 0.5 } });
    expect(() => log.prepare([anEvent(), bad])).toThrow("canonical JSON");
    await log.close();
    expect((await staged(log.writer)).map(({ event }) => event.voids)).toEqual([
      [{ writer: log.writer, seq: 1 }],
    ]);
  });

  test("puts detail that does not fit into a body beside it, under its hash", async () => {
    const log = await openTestLog(db);
    const change = Array.from({ length: 2_000 }, (_, n) => ({
      field: `f${n}`,
      before: "x".repeat(30),
      after: "y".repeat(30),
    }));
    await db.pool("gatehouse_app").query(log.prepare([anEvent({ change })]).statement);
    const [row] = await staged(log.writer);
    const kept = await db.owner.query<{ detail: Buffer }>(
      "SELECT detail FROM audit.overflow WHERE sha256 = $1",
      [Buffer.from(row?.event.facts.detail_sha256 ?? "", "hex")],
    );
    expect(JSON.parse(String(kept.rows[0]?.detail))).toMatchObject({ change });
    await log.close();
  });

  test("keeps events that hold NUL characters readable", async () => {
    const log = await openTestLog(db);
    const event = anEvent({ target: [{ type: "member", id: "m", label: "a\u0000b" }] });
    await db.pool("gatehouse_app").query(log.prepare([event]).statement);
    const [row] = await staged(log.writer);
    expect(row?.event.target).toEqual([{ type: "member", id: "m", label: "a\u2400b" }]);
    await log.close();
  });

  test("counts anonymous failures past so many a minute, and writes how many they were", async () => {
    let at = new Date("2026-03-01T10:00:10Z");
    const log = await openLog({
      url: db.url("gatehouse_app"),
      clock: { now: () => at },
      anonymousPerMinute: () => 2,
      onCommitted: () => {},
      onError: () => {},
    });
    const failure = anEvent({ action: "access.sign_in", outcome: { result: "denied", code: "credentials" } });
    expect(Array.from({ length: 5 }, () => log.admitsAnonymous(failure))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    at = new Date("2026-03-01T10:01:00Z");
    expect(log.admitsAnonymous(failure)).toBe(true);
    await log.close();
    const [row] = await staged(log.writer);
    expect(row?.event).toMatchObject({
      action: "audit.anonymous_failures",
      outcome: { result: "failure", code: "credentials" },
      facts: { action: "access.sign_in", count: 3, minute: "2026-03-01T10:00:00.000Z" },
    });
  });

  test("all of this is a log without a gap once it is sequenced", async () => {
    const sequencer = startTestSequencer(db, { clock: systemClock });
    await eventually("the stage is empty", async () => {
      return (await db.owner.query("SELECT FROM audit.stage")).rowCount === 0;
    });
    await checkLog(db);
    // the caretaker may be closing a number at this very moment; a writer that has written nothing has no range
    await eventually("every writer's numbers are one range from 1 on", async () => {
      const { rows } = await db.owner.query<{ whole: boolean }>(
        `SELECT bool_and((SELECT count(*) FROM unnest(seen)) = 1 AND lower(seen) = 1) AS whole
         FROM audit.writer_progress WHERE NOT isempty(seen)`,
      );
      return rows[0]?.whole ?? false;
    });
    await sequencer.stop();
  });
});
