import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StagedEvent } from "../../src/door/event.ts";
import { auditModule } from "../../src/audit/index.ts";
import * as commands from "../../src/audit/commands.ts";
import * as queries from "../../src/audit/queries.ts";
import { verifyLog } from "../../src/audit/verify.ts";

import { systemClock } from "../../src/door/clock.ts";
import { openCheckpoint, parsePolicy } from "../../src/platform/audit/policy.ts";
import { parseProof } from "../../src/platform/audit/proof.ts";
import { leafHash, verifyInclusion } from "../../src/platform/audit/merkle.ts";
import { type OpenAudit, openAudit } from "../../src/platform/audit/service.ts";
import { openReadPool, openSequencerPool } from "../../src/platform/database/index.ts";
import { anEvent, auditDatabase, eventually } from "../support/audit.ts";
import type { TestDatabase } from "../support/database.ts";
import { testDoor, type TestDoor } from "../support/door.ts";
import { decodeEntries } from "../support/tree.ts";

const person = "0190a000-0000-7000-8000-00000000000a";
const member = "0190a000-0000-7000-8000-00000000000b";
const T0 = Date.parse("2026-03-01T00:00:00Z");

let db: TestDatabase;
let world: TestDoor;
let audit: OpenAudit;
let everybody: ReturnType<TestDoor["person"]>;
let close: () => Promise<void>;

/** The policy's; a test may change one and has to change it back. */
const params = {
  witness_quorum: 0,
  witness_lag_minutes: 15,
  export_range_events: 500,
  export_rows: 1000,
  verify_hours: 24,
  saved_searches: 3,
};

beforeAll(async () => {
  db = await auditDatabase();
  const folder = await mkdtemp(join(tmpdir(), "gatehouse-explorer-"));
  const pools = { url: (role: Parameters<TestDatabase["url"]>[0]) => db.url(role), onError: () => {} };
  const [read, sequencerPool] = [openReadPool(pools), openSequencerPool(pools)];
  audit = await openAudit({
    appUrl: db.url("gatehouse_app"),
    sequencerPool,
    read: read.db,
    clock: systemClock,
    dataDir: folder,
    seed: Buffer.alloc(32, 5),
    origin: "shop.example/log",
    witnesses: [],
    post: async () => ({ status: 500, text: "" }),
    anonymousPerMinute: () => 10,
    signEverySeconds: () => 1,
    onError: () => {},
  });
  world = await testDoor(db, {
    commands: auditModule.commands,
    params,
    services: { audit },
  });
  everybody = world.person(...[...auditModule.commands, ...auditModule.queries].map(({ name }) => name));
  await eventually("this process signs", async () => audit.signing !== undefined);
  await commit(...population());
  await audit.settle();
  close = async () => {
    await world.close();
    await audit.stop();
    await Promise.all([read.db.destroy(), sequencerPool.end()]);
    await rm(folder, { recursive: true });
    await db.close();
  };
});
afterAll(async () => await close());

async function commit(...events: StagedEvent[]): Promise<void> {
  const staging = audit.log.prepare(events);
  await db.pool("gatehouse_app").query(staging.statement);
  staging.committed();
}

/** 240 events, one every six minutes of a day, among them a few rare ones. */
function population(): StagedEvent[] {
  return Array.from({ length: 240 }, (_, n) => {
    const base = anEvent({
      at: new Date(T0 + n * 360_000).toISOString(),
      request: { id: `req-${n}`, ip: `203.0.113.${n % 7}` },
      target: [{ type: "member", id: n % 60 === 0 ? member : `m-${n}` }],
      fields: ["tier"],
    });
    if (n === 17)
      return {
        ...base,
        action: "members.reveal",
        crud: "r",
        severity: 2,
        purpose: { code: "service", ticket: "T-9" },
        fields: ["phone"],
        actor: { ...base.actor, id: person, display: "wang" },
        target: [{ type: "member", id: member }],
        correlation: { incident: "inc-7" },
      };
    if (n === 99)
      return {
        ...base,
        action: "orders.cancel",
        category: "orders",
        severity: 3,
        outcome: { result: "denied", code: "permission" },
      };
    return base;
  });
}

const search = async (filter: Record<string, unknown>, page = {}) =>
  await world.door.ask(queries.search, everybody, { filter, page });
const indexes = async (filter: Record<string, unknown>) =>
  (await search(filter)).entries.map(({ event }) => event.request?.id);

describe("the explorer", () => {
  test("finds events by any one filter", async () => {
    for (const filter of [
      { actor: person },
      { action: "members.reveal" },
      { field: "phone" },
      { purpose: "service" },
      { incident: "inc-7" },
      { severity: 2 },
      { request: "req-17" },
      { from: "2026-03-01T01:42:00Z", to: "2026-03-01T01:48:00Z" },
      // 01:42 UTC is 09:42 in Shanghai, the mall's zone
      { from: "2026-03-01T09:42", to: "2026-03-01T09:43" },
    ])
      expect([filter, await indexes(filter)]).toEqual([filter, ["req-17"]]);
    for (const filter of [{ category: "orders" }, { outcome: "denied" }, { severity: 3 }])
      expect([filter, await indexes(filter)]).toEqual([filter, ["req-99"]]);
  });

  test("combines filters, and finds nothing where nothing is", async () => {
    expect(await indexes({ type: "member", target: member })).toEqual([
      "req-180",
      "req-120",
      "req-60",
      "req-17",
      "req-0",
    ]);
    expect(await indexes({ target: member, field: "phone", actor: person })).toEqual(["req-17"]);
    expect(await indexes({ target: member, outcome: "denied" })).toEqual([]);
    expect(await indexes({ from: "2030-01-01" })).toEqual([]);
    expect((await indexes({ ip: "203.0.113.3" })).every((id) => Number(id?.slice(4)) % 7 === 3)).toBe(true);
  });

  test("pages by key through all of a filter, both ways, without a gap or a repetition", async () => {
    const seen: number[] = [];
    let page = await search({ action: "members.edit" });
    for (;;) {
      seen.push(...page.entries.map(({ idx }) => idx));
      if (page.before === undefined) break;
      const older = await search({ action: "members.edit" }, { before: page.before });
      const back = await search({ action: "members.edit" }, { after: older.after });
      expect(back.entries).toEqual(page.entries);
      page = older;
    }
    expect(seen).toEqual(seen.toSorted((a, b) => b - a));
    expect(new Set(seen).size).toBe(238);
  });

  test("refuses what could be somebody's name or number, and unknown keys", async () => {
    for (const filter of [
      { target: "13800138000" },
      { actor: "张三" },
      { target: "a@b.example" },
      { phone: "x" },
    ])
      await expect(search(filter)).rejects.toMatchObject({ kind: "invalid" });
  });

  test("refuses an actor, an object or an action that names nobody and nothing, instead of finding nothing", async () => {
    for (const [filter, path, code] of [
      [{ actor: "lin.wie" }, "filter.actor", "unknown_actor"],
      [{ target: "F1000001" }, "filter.target", "unknown_target"],
      [{ action: "lin.wei" }, "filter.action", "unknown_action"],
    ] as const) {
      await expect(search(filter)).rejects.toMatchObject({ details: { issues: [{ path, code }] } });
      await expect(world.door.ask(queries.histogram, everybody, { filter })).rejects.toMatchObject({
        details: { issues: [{ path, code }] },
      });
    }
  });

  test("draws the events over time: the counts add up, with and without the hourly counts", async () => {
    const sum = async (filter: Record<string, unknown>) => {
      const { bars } = await world.door.ask(queries.histogram, everybody, { filter });
      return [
        bars.reduce((all, { events }) => all + events, 0),
        bars.reduce((all, { refused }) => all + refused, 0),
      ];
    };
    const day = { from: "2026-03-01T00:00Z", to: "2026-03-02T00:00Z" };
    expect(await sum(day)).toEqual([240, 1]);
    expect(await sum({ ...day, category: "orders" })).toEqual([1, 1]);
    expect(await sum({ ...day, ip: "203.0.113.3" })).toEqual([34, 0]);
  });

  test("the one box leads to events, people, objects and searches, and searches for nothing else", async () => {
    const { entries } = await search({ actor: person });
    const find = async (text: string) => (await world.door.ask(queries.findOne, everybody, { text })).href;
    const idx = entries[0]?.idx;
    expect(await find(` ${entries[0]?.id} `)).toBe(`/audit/events/${idx}`);
    expect(await find(String(idx))).toBe(`/audit/events/${idx}`);
    expect(await find(person)).toBe(`/audit/person/${person}`);
    expect(await find(member)).toBe(`/audit/object/member/${member}`);
    expect(await find("203.0.113.4")).toBe("/audit?ip=203.0.113.4");
    expect(await find("orders.cancel")).toBe("/audit?action=orders.cancel");
    expect(await find("查看会员明文")).toBe("/audit?action=members.reveal");
    expect(await find("reveal a member's FIELD")).toBe("/audit?action=members.reveal");
    expect(await find("m-1")).toBe("/audit/object/member/m-1");
    const nobody = "0190a000-0000-7000-8000-0000000000ff";
    for (const text of [
      "13800138000",
      "张三",
      "zhang@example.com",
      "",
      "lin.wei",
      "T-2026-881",
      "orders.none",
      nobody,
    ])
      expect(await find(text)).toBeUndefined();
  });

  test("tells the history of an object, what a person did, and who saw a member's data", async () => {
    const history = await world.door.ask(queries.objectHistory, everybody, { type: "member", id: member });
    expect(history.entries).toHaveLength(5);
    const did = await world.door.ask(queries.personHistory, everybody, { id: person });
    expect(did.actions).toEqual([{ action: "members.reveal", events: 1 }]);
    const seen = await world.door.ask(queries.seenBy, everybody, { id: member });
    expect(seen.people).toMatchObject([{ actor: person, looks: 1 }]);
    expect(seen.looks).toMatchObject([{ display: "wang", purpose: "service", fields: ["phone"] }]);
  });

  test("who saw a member's data: a file that took it out counts, an attempt that was refused is only shown", async () => {
    const id = "0190a000-0000-7000-8000-00000000000c";
    const target = [{ type: "member", id }];
    await commit(
      // as it was written before the event's fields named what was opened
      anEvent({ action: "members.reveal", crud: "r", target, fields: [], facts: { field: "email" } }),
      anEvent({ action: "members.export.download", crud: "x", target }),
      anEvent({ action: "members.export", crud: "x", target }), // permits, and shows nothing
      anEvent({
        action: "members.reveal",
        crud: "r",
        target,
        fields: ["ticket"],
        outcome: { result: "failure", code: "invalid" },
      }),
    );
    await audit.settle();
    const seen = await world.door.ask(queries.seenBy, everybody, { id });
    expect(seen.looks.map(({ action, outcome, fields }) => [action, outcome, fields])).toEqual([
      ["members.reveal", "failure", []], // the refused field was not seen
      ["members.export.download", "success", []],
      ["members.reveal", "success", ["email"]],
    ]);
    expect(seen.people).toMatchObject([{ looks: 2 }]);
  });

  test("every search, view and export is in the log itself", async () => {
    await search({ actor: person });
    await eventually("the search is logged", async () => {
      await audit.settle();
      const { entries } = await search({ action: "audit.search" });
      return entries.some(({ event }) => event.facts?.["filter_actor"] === person);
    });
  });
});

describe("one event", () => {
  const first = async () => (await search({ actor: person })).entries[0];

  test("shows what happened with its proof, which leads from its bytes to the signed root", async () => {
    const entry = await first();
    const page = await world.door.ask(queries.event, everybody, { idx: entry?.idx });
    expect(page.proof).toMatchObject({ state: "proved" });
    if (page.proof.state !== "proved") return;
    expect(page.proof.root).toBe(page.proof.checkpoint.root.toString("hex"));
    expect(page.proof.steps.at(-1)?.parent).toBe(page.proof.root);
    expect(page.entry.event.purpose).toEqual({ code: "service", ticket: "T-9" });
  });

  test("shows the whole of an event whose detail did not fit into its body, from beside the log", async () => {
    const change = Array.from({ length: 2_000 }, (_, n) => ({
      field: `f${n}`,
      before: "x".repeat(30),
      after: "y".repeat(30),
    }));
    await commit(anEvent({ action: "orders.reprice", category: "orders", change }));
    await audit.settle();
    const { entries } = await search({ action: "orders.reprice" });
    const page = await world.door.ask(queries.event, everybody, { idx: entries[0]?.idx });
    expect(page.entry.event.change).toEqual(change);
    expect(page.body.toString()).not.toContain("xxxx"); // what is hashed stays what it was
  });

  test("its proof file verifies against the trust policy alone", async () => {
    const entry = await first();
    const { file } = await world.door.ask(queries.proof, everybody, { idx: entry?.idx });
    const proof = parseProof(Buffer.from(file));
    const policy = parsePolicy(Buffer.from(audit.trustPolicy(["shop.example/log"], 0)));
    const { checkpoint } = openCheckpoint(proof.checkpoint, policy);
    const body = proof.extra ?? Buffer.alloc(0);
    expect(verifyInclusion(leafHash(body), proof.index, checkpoint, proof.path)).toBe(true);
    expect(JSON.parse(body.toString())).toMatchObject({ action: "members.reveal" });
  });

  test("an event that was committed a moment ago has its proof at once", async () => {
    await commit(anEvent({ action: "orders.refund", category: "orders" }));
    await audit.settle();
    const { entries } = await search({ action: "orders.refund" });
    const { file } = await world.door.ask(queries.proof, everybody, { idx: entries[0]?.idx });
    expect(file).toContain("c2sp.org/tlog-proof@v1");
  });

  test("one that was changed in the database says so", async () => {
    await commit(anEvent({ action: "orders.broken", category: "orders" }));
    await audit.settle();
    const { entries } = await search({ action: "orders.broken" });
    const idx = entries[0]?.idx;
    await db.owner.query("ALTER TABLE audit.log DISABLE TRIGGER USER");
    const { rows } = await db.owner.query<{ part: string }>(
      "SELECT tableoid::regclass::text AS part FROM audit.log WHERE idx = $1",
      [idx],
    );
    await db.owner.query(`ALTER TABLE ${rows[0]?.part} DISABLE TRIGGER USER`);
    const kept = await db.owner.query<{ body: Buffer }>("SELECT body FROM audit.log WHERE idx = $1", [idx]);
    const forged = String(kept.rows[0]?.body).replace("orders.broken", "orders.perfect");
    await db.owner.query("UPDATE audit.log SET body = $2 WHERE idx = $1", [idx, Buffer.from(forged)]);
    expect((await world.door.ask(queries.event, everybody, { idx })).proof.state).toBe("broken");
    await db.owner.query("UPDATE audit.log SET body = $2 WHERE idx = $1", [idx, kept.rows[0]?.body]);
    for (const table of ["audit.log", rows[0]?.part])
      await db.owner.query(`ALTER TABLE ${table} ENABLE TRIGGER USER`);
  });

  test("one that does not exist is not found", async () => {
    for (const idx of [10_000_000, "x", -1])
      await expect(world.door.ask(queries.event, everybody, { idx })).rejects.toMatchObject({
        kind: idx === 10_000_000 ? "not-found" : "invalid",
      });
  });
});

describe("taking events out", () => {
  const text = async (input: unknown) => {
    const { value } = await world.door.reveal(commands.exportLog, everybody, input);
    return Buffer.from(await new Response(value.stream).arrayBuffer());
  };

  test("a filtered export holds the verbatim bodies, or rows that no spreadsheet takes for a formula", async () => {
    await commit(anEvent({ action: "orders.note", target: [{ type: "order", id: "=cmd()" }] }));
    await audit.settle();
    const lines = (await text({ format: "jsonl", filter: { actor: person } })).toString().trim().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ action: "members.reveal" }]);
    const csv = (await text({ format: "csv", filter: { action: "orders.note" } })).toString();
    expect(csv.startsWith("\uFEFFindex,id,at,")).toBe(true);
    expect(csv.split("\r\n")[1]).toContain("order:=cmd()");
    expect(
      csv
        .split("\r\n")[1]
        ?.split(",")
        .some((cell) => /^[=+@-]/.test(cell)),
    ).toBe(false);
  });

  test("a filter with more events than the policy allows is refused, and leaves no file that stops somewhere", async () => {
    const all = (await text({ format: "jsonl", filter: { category: "orders" } }))
      .toString()
      .trim()
      .split("\n");
    expect(all.length).toBeGreaterThan(1);
    params.export_rows = all.length - 1;
    try {
      for (const format of ["jsonl", "csv"])
        await expect(text({ format, filter: { category: "orders" } })).rejects.toMatchObject({
          kind: "invalid",
          code: "export_too_many",
          details: { values: { most: all.length - 1 } },
        });
      params.export_rows = all.length;
      const again = await text({ format: "jsonl", filter: { category: "orders" } });
      expect(again.toString().trim().split("\n")).toEqual(all);
    } finally {
      params.export_rows = 1000;
    }
  });

  test("an export's event says how many events it holds, and what comes in meanwhile is not among them", async () => {
    const filter = { action: "orders.meanwhile" };
    await commit(...[1, 2].map(() => anEvent({ action: filter.action, category: "orders" })));
    await audit.settle();
    const { value, event } = await world.door.reveal(commands.exportLog, everybody, {
      format: "jsonl",
      filter,
    });
    await commit(anEvent({ action: filter.action, category: "orders" }));
    await audit.settle();
    const lines = (await new Response(value.stream).text()).trim().split("\n");
    expect(lines).toHaveLength(2);
    const { rows } = await db.owner.query<{ body: Buffer }>("SELECT body FROM audit.log WHERE id = $1", [
      event,
    ]);
    expect(JSON.parse(String(rows[0]?.body))).toMatchObject({
      facts: { format: "jsonl", events: 2, to: expect.any(Number) },
    });
  });

  test("a bundle needs a range that exists and that the policy allows", async () => {
    expect((await text({ format: "bundle", from: 10, to: 200 })).subarray(0, 2).toString()).toBe("PK");
    for (const [from, to] of [
      [5, 5],
      [0, 100_000],
      [-1, 5],
    ])
      await expect(text({ format: "bundle", from, to })).rejects.toMatchObject({ kind: "invalid" });
  });

  test("entries are served in the tlog-tiles layout to those who may, and to nobody else", async () => {
    const bundle = await world.door.ask(queries.entries, everybody, { path: "tile/entries/000.p/200" });
    expect(decodeEntries(bundle)).toHaveLength(200);
    const stranger = world.person("audit.search");
    await expect(
      world.door.ask(queries.entries, stranger, { path: "tile/entries/000.p/200" }),
    ).rejects.toMatchObject({ kind: "denied" });
  });
});

describe("around the log", () => {
  test("saved searches are one's own, named once, and not without end", async () => {
    const other = world.person("audit.saved_searches", "audit.delete_search");
    const save = async (name: string) =>
      (await world.door.execute(commands.saveSearch, everybody, { name, filter: { outcome: "denied" } }))
        .value;
    const { id } = await save("denials");
    await expect(save("denials")).rejects.toMatchObject({ code: "search_name_taken" });
    expect(await world.door.ask(queries.savedSearches, everybody, {})).toEqual([
      { id, name: "denials", href: "/audit?outcome=denied" },
    ]);
    expect(await world.door.ask(queries.savedSearches, other, {})).toEqual([]);
    await expect(world.door.execute(commands.deleteSearch, other, { id })).rejects.toMatchObject({
      kind: "not-found",
    });
    await save("b");
    await save("c");
    await expect(save("d")).rejects.toMatchObject({ code: "too_many_searches" });
    await world.door.execute(commands.deleteSearch, everybody, { id });
  });

  test("the status page knows tree, signature, writers and the last verification", async () => {
    await world.door.execute(commands.sweep, { type: "scheduler", job: "audit.sweep" }, {});
    await eventually("the log was verified", async () => {
      const { verification } = await world.door.ask(queries.status, everybody, {});
      return verification?.integrity === "verified";
    });
    const status = await world.door.ask(queries.status, everybody, {});
    expect(status).toMatchObject({ fork: undefined, witnesses: [], quorum: 0 });
    expect(status.checkpoint?.origin).toBe("shop.example/log");
    expect(status.writers.some(({ last }) => last >= 240)).toBe(true);
  });

  test("a quorum of the policy is not lowered to the witnesses that are named, which are none", async () => {
    params.witness_quorum = 2;
    try {
      const { quorum, named, trustPolicy } = await world.door.ask(queries.status, everybody, {});
      expect({ quorum, named }).toEqual({ quorum: 2, named: 0 });
      expect(trustPolicy).toMatch(/^group witnesses 2 missing-1 missing-2$/m);
      const report = await world.door.ask(verifyLog, everybody, {});
      expect(report).toMatchObject({ exit: 2, integrity: { verdict: "verified" } });
    } finally {
      params.witness_quorum = 0;
    }
    expect(await world.door.ask(verifyLog, everybody, {})).toMatchObject({ exit: 0 });
  });

  test("a fork is decided for what people saw, and only when there is one", async () => {
    const decide = async (signed: number) =>
      await world.door.execute(commands.decideFork, everybody, {
        origin: "shop.example/log",
        signed,
        reason: "The disk died and the backup of last night was restored.",
      });
    await expect(decide(900)).rejects.toMatchObject({ code: "no_such_fork" });
    await db.owner.query("UPDATE audit.head SET forked = $1", [
      JSON.stringify({
        kind: "shrunk",
        origin: "shop.example/log",
        signed: { size: 900, root: "AA==" },
        tree: { size: 240, root: "AA==" },
        successor: "shop.example/log/2",
      }),
    ]);
    await expect(decide(899)).rejects.toMatchObject({ code: "no_such_fork" });
    expect((await decide(900)).value).toEqual({ successor: "shop.example/log/2" });
    await db.owner.query("UPDATE audit.head SET forked = NULL");
  });
});

describe("the walls around the log", () => {
  const tables = [
    "log",
    "log_target",
    "log_field",
    "tile",
    "checkpoint",
    "cosignature",
    "overflow",
    "detail",
    "writer",
  ];
  const attempts = (table: string) => [
    `UPDATE audit.${table} SET ${column(table)} = ${column(table)}`,
    `DELETE FROM audit.${table}`,
    `TRUNCATE audit.${table} CASCADE`,
  ];
  const column = (table: string) =>
    ({
      log: "at",
      log_target: "idx",
      log_field: "idx",
      tile: "index",
      writer: "pid",
      overflow: "detail",
      detail: "sealed",
    })[table] ?? "size";

  for (const role of [
    "gatehouse_app",
    "gatehouse_sequencer",
    "gatehouse_reader",
    "gatehouse_owner",
  ] as const) {
    test(`${role} can neither update, delete nor truncate any of it`, async () => {
      for (const table of tables) {
        for (const attempt of attempts(table)) {
          // A statement trigger fires also where nothing would be touched; the owner meets it, the others their rights.
          const refused = await db
            .pool(role)
            .query(attempt)
            .then(
              () => "nothing",
              (error: { code: string }) => error.code,
            );
          expect([attempt, refused]).toEqual([
            attempt,
            role === "gatehouse_owner" ? "GH003" : expect.stringMatching(/^(42501|25006|GH001|GH003)$/),
          ]);
        }
      }
    });
  }

  test("the application cannot read the stage or take from it, nor say which transaction a row belongs to", async () => {
    const app = db.pool("gatehouse_app");
    for (const attempt of [
      "SELECT * FROM audit.stage",
      "DELETE FROM audit.stage",
      "UPDATE audit.stage SET writer_seq = 1",
      "INSERT INTO audit.stage (xid, writer, writer_seq, body) VALUES ('1', gen_random_uuid(), 1, '{}')",
      "INSERT INTO audit.head (size) VALUES (1)",
      "UPDATE audit.head SET size = 0",
      "SELECT audit.make_month('2026-01-01')",
    ])
      await expect(app.query(attempt)).rejects.toMatchObject({ code: "42501" });
  });
});
