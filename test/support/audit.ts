import { Pool, type PoolClient } from "pg";
import { systemClock } from "../../src/door/clock.ts";
import type { StagedEvent } from "../../src/door/event.ts";
import { uuidv7 } from "../../src/door/ids.ts";
import { leafHash, TreeHasher } from "../../src/platform/audit/gatehouse-verify.ts";
import { openLog, type OpenLog } from "../../src/platform/audit/log.ts";
import { type Sequencer, type SequencerOptions, startSequencer } from "../../src/platform/audit/sequencer.ts";
import type { TestDatabase } from "./clone.ts";
import { testDatabase } from "./database.ts";
import { withClient } from "./server.ts";

/** An event as the door would hand it to the log. */
export function anEvent(more: Partial<StagedEvent> = {}): StagedEvent {
  const now = new Date();
  return {
    v: 1,
    id: uuidv7(now.getTime()),
    at: now.toISOString(),
    actor: { type: "user", id: "0190a000-0000-7000-8000-0000000000aa", display: "lin", roles: ["auditor"] },
    action: "members.edit",
    crud: "u",
    category: "members",
    target: [{ type: "member", id: "0190a000-0000-7000-8000-000000000001" }],
    outcome: { result: "success" },
    severity: 1,
    ...more,
  };
}

/** A database for tests that end connections: what the server says to a connection that is going anyway is not news. */
export async function auditDatabase(): Promise<TestDatabase> {
  const db = await testDatabase();
  for (const role of ["gatehouse_owner", "gatehouse_app", "gatehouse_sequencer", "gatehouse_reader"] as const)
    db.pool(role)
      .on("connect", (client) => client.on("error", () => {}))
      .on("error", () => {});
  return db;
}

/** Writes events one by one, each in a transaction of its own, as the application's role. */
export async function writeEvents(
  db: TestDatabase,
  log: OpenLog,
  events: readonly StagedEvent[],
): Promise<void> {
  for (const event of events) {
    const staging = log.prepare([event]);
    await db.pool("gatehouse_app").query(staging.statement);
    staging.committed();
  }
}

/** Ends connections of a role, or with a name, as a broken network or an operator would. */
export async function terminate(db: TestDatabase, who: { role?: string; name?: string }): Promise<void> {
  await withClient(db.adminUrl, async (admin) => {
    await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND ($1::text IS NULL OR usename = $1) AND ($2::text IS NULL OR application_name = $2)
         AND pid <> pg_backend_pid()`,
      [who.role ?? null, who.name ?? null],
    );
  });
}

/** A log of a test, and errors that it met. */
export async function openTestLog(db: TestDatabase, onCommitted: () => void = () => {}): Promise<OpenLog> {
  return await openLog({
    url: db.url("gatehouse_app"),
    clock: systemClock,
    anonymousPerMinute: () => 3,
    onCommitted,
    onError: () => {},
  });
}

/** A sequencer with a pool of its own, which may lose its connections without harm to the test's other pools. */
export function startTestSequencer(
  db: TestDatabase,
  more: Partial<SequencerOptions> = {},
): Sequencer & { errors: unknown[] } {
  const errors: unknown[] = [];
  const pool = new Pool({ connectionString: db.url("gatehouse_sequencer"), max: 2 });
  pool.on("error", () => {});
  const sequencer = startSequencer({
    pool,
    clock: systemClock,
    pollMs: 20,
    gatherMs: 5,
    careEveryMs: 50,
    deadAfterMs: 0,
    gapAfterMs: 0,
    onError: (error) => errors.push(error),
    ...more,
  });
  return {
    errors,
    tried: sequencer.tried,
    wake: (severity) => sequencer.wake(severity),
    flush: () => sequencer.flush(),
    get leading() {
      return sequencer.leading;
    },
    async stop() {
      await sequencer.stop();
      await pool.end();
    },
  };
}

/** Everything that the log must be at any moment: contiguous, and its tree the tree of its bodies. */
export async function checkLog(db: TestDatabase): Promise<{ size: number; root: Buffer }> {
  const owner = await db.owner.connect();
  try {
    // one snapshot: a sequencer may be at work meanwhile
    await owner.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    return await lookAtLog(owner);
  } finally {
    await owner.query("ROLLBACK");
    owner.release();
  }
}

async function lookAtLog(owner: PoolClient): Promise<{ size: number; root: Buffer }> {
  const { rows } = await owner.query<{ idx: number; body: Buffer }>(
    "SELECT idx::float8 AS idx, body FROM audit.log ORDER BY idx",
  );
  const head = await owner.query<{ size: number; edge: Buffer[] }>(
    "SELECT size::float8 AS size, edge FROM audit.head",
  );
  const tree = new TreeHasher();
  const leaves: Buffer[] = [];
  rows.forEach(({ idx, body }, n) => {
    if (idx !== n) throw new Error(`index ${n} is missing`);
    tree.add(body);
    leaves.push(leafHash(body));
  });
  const size = head.rows[0]?.size;
  if (size !== rows.length) throw new Error(`the head says ${size}, the log has ${rows.length}`);
  const tiles = await owner.query<{ index: number; hashes: Buffer }>(
    "SELECT index::float8 AS index, hashes FROM audit.tile WHERE level = 0 ORDER BY index",
  );
  const kept = Buffer.concat([
    ...tiles.rows.map(({ hashes }) => hashes),
    head.rows[0]?.edge[0] ?? Buffer.alloc(0),
  ]);
  if (!kept.equals(Buffer.concat(leaves))) throw new Error("the tiles are not those of the bodies");
  return { size, root: tree.root() };
}

/** Waits until a condition holds; fails after five seconds with what it was. */
export async function eventually(what: string, holds: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + 8_000;
  while (performance.now() < until) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`still not so: ${what}`);
}
