import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Actor, Credential, Identify } from "../../src/door/actor.ts";
import type { Clock } from "../../src/door/clock.ts";
import type { AnyCommand, AnyQuery, Services } from "../../src/door/command.ts";
import { createDoor, type Door } from "../../src/door/door.ts";
import { uuidv7 } from "../../src/door/ids.ts";
import type { Gate, Policy } from "../../src/door/policy.ts";
import type { EventLog, WritePool } from "../../src/door/ports.ts";
import { Refusal } from "../../src/door/refusal.ts";
import type { Tx } from "../../src/door/tables.ts";
import { canonicalBody } from "../../src/platform/audit/canonical.ts";
import { openReadPool, openWritePool } from "../../src/platform/database/index.ts";
import { platformPorts } from "../../src/platform/door-ports.ts";
import { openKeyring, openVault, type Vault } from "../../src/platform/vault/index.ts";
import type { TestDatabase } from "./database.ts";

export interface TestDoorOptions {
  commands?: readonly AnyCommand[];
  /** Queries that the scheduler may ask. */
  queries?: readonly AnyQuery[];
  /** Values of parameters by name; asking for another one fails the test. */
  params?: Record<string, unknown>;
  gates?: Record<string, Gate>;
  /** Dynamic duties: command → commands whose doer may not do it to the same object. */
  duties?: Record<string, readonly string[]>;
  /** Services of other modules; a command that asks for one that is not here fails its test. */
  services?: Partial<Services>;
  /** The real parts, where a test or a benchmark is about them. */
  log?: EventLog;
  identify?: Identify;
  policy?: (tx: Tx) => Promise<Policy>;
  /** Wraps the write pool, for tests that break connections. */
  wrap?: (pool: WritePool) => WritePool;
}

export interface TestDoor {
  door: Door;
  vault: Vault;
  clock: { now(): Date; advance(ms: number): void };
  /** A person who holds these permissions, with both factors shown just now. */
  person(...permissions: string[]): Credential & { type: "session" };
  /** Ends a person's session; their next passage is refused. */
  end(credential: Credential): void;
  /** Takes a permission from a person, from their next passage on. */
  takeFrom(credential: Credential & { type: "session" }, permission: string): void;
  /** Bodies of staged events, oldest first. */
  events(): Promise<Record<string, unknown>[]>;
  unexpected: unknown[];
  close(): Promise<void>;
}

/** The real door over a real database and vault; only identity and policy are the test's own. */
export async function testDoor(db: TestDatabase, options: TestDoorOptions = {}): Promise<TestDoor> {
  const folder = await mkdtemp(join(tmpdir(), "gatehouse-door-"));
  const clock = shiftedClock();
  const vault = openVault(await openKeyring({ path: join(folder, "keyring.json"), clock }), clock);
  const pool = openWritePool({ url: (role) => db.url(role), onError: () => {} });
  const read = openReadPool({ url: (role) => db.url(role), onError: () => {} });
  const people = new Map<string, { permissions: Set<string>; since: Date }>();
  const unexpected: unknown[] = [];

  const actorOf = (id: string, session: string | null): Actor => {
    const person = people.get(id);
    if (person === undefined) throw new Refusal("denied", "session_ended");
    return {
      type: "user",
      id,
      display: `person-${id.slice(-4)}`,
      roles: ["test"],
      permissions: person.permissions,
      assurance:
        session === null
          ? null
          : { session, level: 2, authenticatedAt: person.since, factorAt: person.since },
      breakGlass: null,
      language: "en",
    };
  };
  const plain = (type: Actor["type"], id: string): Actor => ({
    type,
    id,
    display: id,
    roles: [],
    permissions: new Set([...(options.commands ?? []), ...(options.queries ?? [])].map((c) => c.name)),
    assurance: null,
    breakGlass: null,
    language: "en",
  });
  const policy = testPolicy(options);
  const person = async (_tx: Tx, id: string) => actorOf(id, null);
  const services = { vault, mallTimeZone: "Asia/Shanghai", access: { person }, ...options.services };
  const door = createDoor({
    // the parts of services that are missing fail the test that asks for them
    ...platformPorts(vault, services as Services),
    write: options.wrap?.(pool) ?? pool,
    read: read.db,
    identify:
      options.identify ??
      (async (_tx, credential) =>
        credential.type === "session"
          ? actorOf(credential.person, credential.session)
          : credential.type === "scheduler"
            ? plain("scheduler", credential.job)
            : { ...plain(credential.type, credential.type), permissions: new Set() }),
    person,
    policy: options.policy ?? (async () => policy),
    log: options.log ?? (await stageLog(db)),
    useStepUp: async () => null,
    frozen: () => null,
    commands: new Map((options.commands ?? []).map((command) => [command.name, command])),
    clock,
    unexpected: (error) => void unexpected.push(error),
  });

  return {
    door,
    vault,
    clock,
    unexpected,
    person(...permissions) {
      const id = uuidv7();
      people.set(id, { permissions: new Set(permissions), since: clock.now() });
      return { type: "session", person: id, session: randomUUID() };
    },
    end(credential) {
      if (credential.type === "session") people.delete(credential.person);
    },
    takeFrom({ person }, permission) {
      people.get(person)?.permissions.delete(permission);
    },
    async events() {
      const { rows } = await db.owner.query<{ body: Buffer }>(
        "SELECT body FROM audit.stage ORDER BY writer_seq",
      );
      return rows.map((row) => JSON.parse(row.body.toString()) as Record<string, unknown>);
    },
    async close() {
      await Promise.all([pool.end(), read.db.destroy()]);
      await rm(folder, { recursive: true });
    },
  };
}

function shiftedClock(): Clock & { advance(ms: number): void } {
  let shift = 0;
  return {
    now: () => new Date(new Date().getTime() + shift),
    advance(ms) {
      shift += ms;
    },
  };
}

function testPolicy(options: TestDoorOptions): Policy {
  return {
    id: "access",
    version: "0.0.1",
    set: "0".repeat(64),
    gate: (command) => options.gates?.[command] ?? { kind: "none" },
    duties: (command) => {
      const after = options.duties?.[command];
      return after === undefined ? [] : [{ command, after }];
    },
    remembers: (command) => Object.values(options.duties ?? {}).some((after) => after.includes(command)),
    holders: () => [],
    params: (of) => {
      const value =
        of.name === "step_up_minutes" ? (options.params?.[of.name] ?? 10) : options.params?.[of.name];
      return of.schema.parse(value);
    },
  };
}

/** The stage without a sequencer behind it, so that a test can read what was staged. */
async function stageLog(db: TestDatabase): Promise<EventLog> {
  const writer = randomUUID();
  await db
    .pool("gatehouse_app")
    .query("INSERT INTO audit.writer (id, host, pid) VALUES ($1, 'test', $2)", [writer, process.pid]);
  let seq = 0;
  return {
    admitsAnonymous: () => true,
    prepare(events) {
      const numbered = events.map((event) => ({ ...event, writer: { id: writer, seq: (seq += 1) } }));
      return {
        statement: {
          name: "stage",
          text: `INSERT INTO audit.stage (writer, writer_seq, body)
                 SELECT $1, s, b FROM unnest($2::bigint[], $3::bytea[]) AS e (s, b)`,
          values: [writer, numbered.map((e) => e.writer.seq), numbered.map((e) => canonicalBody(e))],
        },
        committed: () => {},
        lost: () => {},
      };
    },
  };
}
