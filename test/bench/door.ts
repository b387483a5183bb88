import { createHash, randomBytes } from "node:crypto";
import { sql } from "kysely";
import { z } from "zod";
import { identifyBy } from "../../src/access/identify.ts";
import type { Credential } from "../../src/door/actor.ts";
import { systemClock } from "../../src/door/clock.ts";
import { command } from "../../src/door/command.ts";
import { uuidv7 } from "../../src/door/ids.ts";
import type { Connection, Statement, WritePool } from "../../src/door/ports.ts";
import { openLog } from "../../src/platform/audit/log.ts";
import { type Sequencer, startSequencer } from "../../src/platform/audit/sequencer.ts";
import { openSequencerPool } from "../../src/platform/database/index.ts";
import { sharing } from "../../src/platform/policy/in-flight.ts";
import type { CompiledPolicy, PolicyInForce } from "../../src/platform/policy/index.ts";
import { cloneDatabase, type TestDatabase } from "../support/clone.ts";
import { testDoor } from "../support/door.ts";
import { startTestServer, withClient } from "../support/server.ts";

/** How long each variant runs at a time; they take turns, so that a slow moment of the machine hits all alike. */
const SLICE_MS = 2_500;
const ROUNDS = 3;

/**
 * What a chain costs depends on how long a commit waits for the disk, since nobody else can commit meanwhile. This
 * machine's disk may answer in a fraction of what a network volume takes, so the comparison is made twice: as it is,
 * and with this many microseconds more before each flush (`commit_delay`, for every variant alike).
 */
const SLOW_FLUSH_US = 3_000;

/** A command as the mall has them: one row read and locked, one changed, one added. */
const move = command({
  name: "bench.move",
  input: z.strictObject({ account: z.uuid(), amount: z.int().min(1).max(1000), reason: z.string().max(200) }),
  target: (input) => ({ type: "account", id: input.account }),
  async run({ tx, input, record, newId }) {
    const { rows } = await sql<{ balance: number }>`
      SELECT balance FROM bench.account WHERE id = ${input.account} FOR UPDATE`.execute(tx);
    const before = rows[0]?.balance ?? 0;
    await sql`UPDATE bench.account SET balance = balance + ${input.amount} WHERE id = ${input.account}`.execute(
      tx,
    );
    await sql`INSERT INTO bench.entry (id, account, amount) VALUES (${newId()}, ${input.account}, ${input.amount})`.execute(
      tx,
    );
    record.change("balance", before, before + input.amount);
    return { balance: before + input.amount };
  },
});

type Variant = "audited" | "bare" | "chained";

/** Takes the append out, or puts a chain in its place; everything else of the door stays as it is. */
function rewire(variant: Variant): (pool: WritePool) => WritePool {
  if (variant === "audited") return (pool) => pool;
  return (pool) => ({
    async connect() {
      const connection = await pool.connect();
      let appended: Promise<unknown> = Promise.resolve();
      const query = async (statement: Statement | string) => {
        if (typeof statement !== "string" && statement.name === "audit_one") {
          if (variant === "chained") {
            const bodies = [statement.values[2] as Buffer]; // the third value of the log's statement is the body
            appended = chain(connection, bodies);
            await appended;
          }
          return { command: "INSERT", rowCount: 0, rows: [] };
        }
        if (statement === "COMMIT") await appended;
        return await connection.query(statement);
      };
      return { query, release: (e) => connection.release(e) };
    },
  });
}

/** A hash chain whose head is locked in the transaction: what the design was measured against. */
async function chain(connection: Connection, bodies: readonly Buffer[]): Promise<void> {
  const head = await connection.query({
    name: "head",
    text: "SELECT hash FROM bench.head WHERE one FOR UPDATE",
    values: [],
  });
  let hash = head.rows[0]?.["hash"] as Buffer; // bytea
  for (const body of bodies) {
    hash = createHash("sha256").update(hash).update(body).digest();
    await connection.query({
      name: "link",
      text: "INSERT INTO bench.link (hash, body) VALUES ($1, $2)",
      values: [hash, body],
    });
  }
  await connection.query({ name: "move", text: "UPDATE bench.head SET hash = $1 WHERE one", values: [hash] });
}

export async function run() {
  const server = await startTestServer({ durable: true });
  try {
    const rates = new Map<string, number>();
    let backlog = 0;
    const settings: { clients: number; variants: Variant[]; flush: number }[] = [
      { clients: 1, variants: ["audited", "bare"], flush: 0 },
      { clients: 16, variants: ["audited", "bare", "chained"], flush: 0 },
      { clients: 16, variants: ["audited", "chained"], flush: SLOW_FLUSH_US },
    ];
    for (const { clients, variants, flush } of settings) {
      const arenas = await Promise.all(variants.map(async (variant) => await arena(server, variant, flush)));
      for (let round = 0; round <= ROUNDS; round += 1) {
        for (const { variant, work, backlog: waiting } of arenas) {
          const rate = await work(clients);
          const key = `${variant}@${clients}${flush > 0 ? " slow" : ""}`;
          if (variant === "audited") backlog = Math.max(backlog, await waiting());
          if (round > 0) rates.set(key, (rates.get(key) ?? 0) + rate / ROUNDS); // the first round only warms up
        }
      }
      for (const { close } of arenas) await close();
    }
    const rate = (key: string) => rates.get(key) ?? Number.NaN;
    const row = (name: string, ratio: number, limit: number, detail: string) => ({
      name,
      ratio,
      limit: `≥ ${limit}`,
      passed: ratio >= limit,
      detail,
    });
    const shown = (a: string, b: string) => `${rate(a).toFixed(0)} to ${rate(b).toFixed(0)} a second`;
    return [
      row(
        "audited / without the append, 1 client",
        rate("audited@1") / rate("bare@1"),
        0.75,
        shown("audited@1", "bare@1"),
      ),
      row(
        "audited / without the append, 16 clients",
        rate("audited@16") / rate("bare@16"),
        0.75,
        `${shown("audited@16", "bare@16")}, at most ${backlog} events waiting for the sequencer after a slice`,
      ),
      row(
        "audited / chain locked in the transaction, 16 clients, this disk",
        rate("audited@16") / rate("chained@16"),
        6,
        shown("audited@16", "chained@16"),
      ),
      row(
        `audited / chain locked in the transaction, 16 clients, ${SLOW_FLUSH_US / 1000} ms more a flush`,
        rate("audited@16 slow") / rate("chained@16 slow"),
        6,
        shown("audited@16 slow", "chained@16 slow"),
      ),
    ];
  } finally {
    await server.stop();
  }
}

async function arena(
  server: Awaited<ReturnType<typeof startTestServer>>,
  variant: Variant,
  flushMicroseconds: number,
) {
  const db = await cloneDatabase(server);
  // before any other connection, which takes its settings from here
  await withClient(db.adminUrl, async (admin) => {
    const name = new URL(db.adminUrl).pathname.slice(1);
    await admin.query(`ALTER DATABASE ${name} SET commit_delay = ${flushMicroseconds}`);
    await admin.query(`ALTER DATABASE ${name} SET commit_siblings = 0`);
  });
  await db.owner.query(`
    CREATE SCHEMA bench; GRANT USAGE ON SCHEMA bench TO gatehouse_app, gatehouse_reader;
    CREATE TABLE bench.account (id uuid PRIMARY KEY, balance int NOT NULL);
    CREATE TABLE bench.entry (id uuid PRIMARY KEY, account uuid NOT NULL, amount int NOT NULL);
    SELECT door.business_table('bench.account', 'insert, update');
    SELECT door.business_table('bench.entry', 'insert');
    CREATE TABLE bench.head (one boolean PRIMARY KEY DEFAULT true, hash bytea);
    CREATE TABLE bench.link (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, hash bytea, body bytea);
    INSERT INTO bench.head (hash) VALUES ('\\x00');
    GRANT SELECT, UPDATE ON bench.head TO gatehouse_app; GRANT INSERT ON bench.link TO gatehouse_app;
    ALTER TABLE bench.account DISABLE TRIGGER through_the_door;
    INSERT INTO bench.account SELECT gen_random_uuid(), 0 FROM generate_series(1, 1000);
    ALTER TABLE bench.account ENABLE TRIGGER through_the_door;`);
  if (variant !== "audited") await db.owner.query("DROP TRIGGER command_has_event ON door.command");
  const { rows } = await db.owner.query<{ id: string }>("SELECT id FROM bench.account");
  const accounts = rows.map((row) => row.id);
  const people = await signedIn(db);

  // the whole log of a process: numbering, and the sequencer that moves what was staged into the tree meanwhile
  let sequencer: Sequencer | undefined;
  const log = await openLog({
    url: db.url("gatehouse_app"),
    clock: systemClock,
    anonymousPerMinute: () => 100,
    onCommitted: (severity) => sequencer?.wake(severity),
    onError: (error) => {
      throw error;
    },
  });
  const pool = openSequencerPool({ url: db.url, onError: () => {} });
  if (variant === "audited") {
    sequencer = startSequencer({
      pool,
      clock: systemClock,
      onError: (error) => {
        throw error;
      },
    });
  }
  const rules = rulesOfBench();
  const t = await testDoor(db, {
    commands: [move],
    log,
    identify: identifyBy(rules, systemClock),
    policy: rules,
    wrap: rewire(variant),
  });

  async function work(clients: number): Promise<number> {
    const until = performance.now() + SLICE_MS;
    const started = performance.now();
    let done = 0;
    await Promise.all(
      people.slice(0, clients).map(async (person) => {
        while (performance.now() < until) {
          const account = accounts[Math.floor(Math.random() * accounts.length)];
          await t.door.execute(move, person, { account, amount: 1, reason: "benchmark of the door" });
          done += 1;
        }
      }),
    );
    return (done * 1000) / (performance.now() - started);
  }

  return {
    variant,
    work,
    async backlog() {
      const { rows } = await db.owner.query<{ n: string }>("SELECT count(*) AS n FROM audit.stage");
      return Number(rows[0]?.n);
    },
    async close() {
      await t.close();
      await sequencer?.stop();
      await log.close();
      await pool.end();
      await db.close();
    },
  };
}

/** Sixteen people with a session each, as sign-in would have left them. */
async function signedIn(db: TestDatabase): Promise<Credential[]> {
  const people = Array.from({ length: 16 }, (_, n) => ({
    type: "session" as const,
    person: uuidv7(),
    session: randomBytes(32).toString("hex"),
    n,
  }));
  await withClient(db.adminUrl, async (admin) => {
    // sets the stage without the door: the replica role leaves the guards out
    await admin.query("SET session_replication_role = replica");
    for (const { person, session, n } of people) {
      await admin.query(
        "INSERT INTO access.person (id, login, display_name, state, created_at, created_by) VALUES ($1, $2, 'bench', 'active', now(), 'bench')",
        [person, `bench${n}`],
      );
      await admin.query(
        `INSERT INTO access.session (id, handle, person_id, level, authenticated_at, factor_at, created_at, expires_at)
         VALUES ($1, gen_random_uuid(), $2, 2, now(), now(), now(), now() + interval '8 hours')`,
        [session, person],
      );
      await admin.query(
        `INSERT INTO access.role_grant (id, person_id, role, kind, granted_by, granted_at)
         VALUES (gen_random_uuid(), $1, 'bench', 'standing', 'bench', now())`,
        [person],
      );
    }
    await admin.query("UPDATE access.setup SET closed_at = now()");
  });
  return people.map(({ n: _, ...credential }) => credential);
}

/** Rules that let the bench's role do the bench's command; reading which version is in force costs what it costs. */
function rulesOfBench(): PolicyInForce {
  const policy = {
    id: "access",
    version: "0.0.1",
    access: { break_glass: { permissions: [] } },
    gate: () => ({ kind: "none" }),
    duties: () => [],
    remembers: () => false,
    params: (of: { name: string }) => (of.name === "session_idle_minutes" ? 15 : 10),
    permissionsOf: () => new Set([move.name]),
  } as unknown as CompiledPolicy; // the door and `identifyBy` ask for nothing else here
  return sharing(async (tx) => {
    await tx.selectFrom("policy.in_force").select("id").orderBy("document").execute();
    return policy;
  });
}
