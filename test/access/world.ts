import { createHash, randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateSync } from "otplib";
import { accessModule, narrowWriters, openAccess, type Access } from "../../src/access/index.ts";
import { plantStaff } from "../../src/access/planting.ts";
import type { AnyCommand, Command, Services } from "../../src/door/command.ts";
import { type Credential } from "../../src/door/actor.ts";
import { createDoor, type Door } from "../../src/door/door.ts";
import { stepUpMinutes } from "../../src/door/door.ts";
import { inputDigest } from "../../src/door/digest.ts";
import { parseInput } from "../../src/door/parse.ts";
import type { EventLog } from "../../src/door/ports.ts";
import type { Tx } from "../../src/door/tables.ts";
import { canonicalBody } from "../../src/platform/audit/canonical.ts";
import { openReadPool, openWritePool } from "../../src/platform/database/index.ts";
import { platformPorts } from "../../src/platform/door-ports.ts";
import { type CompiledPolicy, compilePolicy, readShipped } from "../../src/platform/policy/index.ts";
import { projectRoot } from "../../src/platform/root.ts";
import { openKeyring, openVault, type Vault } from "../../src/platform/vault/index.ts";
import { testDatabase, type TestDatabase } from "../support/database.ts";
import { withClient } from "../support/server.ts";

/** A password that every person of a test has. */
export const PASSWORD = "copper lantern under the ferry";

export interface World {
  db: TestDatabase;
  door: Door;
  access: Access;
  vault: Vault;
  read: Tx;
  clock: { now(): Date; advance(ms: number): void; to(time: Date): void };
  /** Time that was slept, in milliseconds. */
  slept: number[];
  formKey: Buffer;
  /** Ids of the planted people by login. */
  ids: Record<string, string>;
  /** The code that a person's authenticator shows now; each call moves the clock on by a step, so that none is used twice. */
  code(login: string): string;
  /** Signs in through both pages' functions. */
  signIn(login: string, from?: Partial<Where>): Promise<Session>;
  /** Password only. */
  half(login: string): Promise<Session>;
  /** Shows password and factor for one command and its input, then passes it. */
  bound<I, R>(session: Session, command: Command<I, R>, input: unknown): Promise<R>;
  /** Makes the console read-only for this reason; null ends it. */
  freeze(code: string | null): void;
  /** Replaces the rules in force. */
  obey(change: (text: string) => string): Promise<void>;
  policy(): CompiledPolicy;
  events(action?: string): Promise<Event[]>;
  /** Runs SQL as the owner inside a passage of the door, as a test's own hand. */
  sql(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  unexpected: unknown[];
  close(): Promise<void>;
}

export interface Where {
  address: string;
  agent: string;
  device: string | null;
}

export interface Session {
  credential: Extract<Credential, { type: "session" }>;
  token: string;
  device: string | null;
}

export interface Event {
  action: string;
  outcome: { result: string; code?: string };
  target: { type: string; id: string; label?: string }[];
  actor: { type: string; id: string };
  session?: { mfa_at?: string; step_up_at?: string };
  policy?: { id: string; version: string; set?: string };
  facts?: Record<string, unknown>;
}

export type Roster = Record<string, readonly string[]>;

/** The real door, vault, database and rules, with these people in it, enrolled. The clock is the test's. */
export async function accessWorld(
  roster: Roster,
  options: { commands?: readonly AnyCommand[]; params?: Record<string, number>; planted?: boolean } = {},
): Promise<World> {
  const db = await testDatabase();
  const folder = await mkdtemp(join(tmpdir(), "gatehouse-access-"));
  const clock = testClock();
  const vault = openVault(await openKeyring({ path: join(folder, "keyring.json"), clock }), clock);
  const write = openWritePool({ url: (role) => db.url(role), onError: () => {} });
  const read = openReadPool({ url: (role) => db.url(role), onError: () => {} });
  const all = [...accessModule.commands, ...(options.commands ?? [])];
  const commands = new Map(all.map((command) => [command.name, command]));
  const rulesText = await accessRules();
  const documents = await policyDocument(options.params ?? {});
  let policy = compile(rulesText, documents);
  let frozen: string | null = null;
  const unexpected: unknown[] = [];
  const slept: number[] = [];
  const formKey = randomBytes(32);

  let door: Door | undefined;
  const access = openAccess({
    door: () => door ?? fail("no door yet"),
    read: read.db,
    narrow: narrowWriters(write, vault, clock),
    rules: async () => policy,
    vault,
    pepper: randomBytes(32),
    formKey,
    clock,
    secure: true,
    publicOrigin: "https://mall.example",
    pause: async (ms) => void slept.push(ms),
  });
  const lent = {
    vault,
    mallTimeZone: "Asia/Shanghai",
    access: { ...access.services, command: (name: string) => commands.get(name) },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- commands of this module use no other service
  const services = lent as unknown as Services;
  door = createDoor({
    ...platformPorts(vault, services),
    write,
    read: read.db,
    identify: access.identify,
    person: access.person,
    policy: async () => policy,
    log: await stage(db),
    useStepUp: access.useStepUp,
    frozen: () => frozen,
    commands,
    clock,
    unexpected: (error) => void unexpected.push(error),
  });
  const theDoor = door;

  const secrets: Record<string, string> = Object.fromEntries(
    Object.keys(roster).map((login) => [login, secretOf(login)]),
  );
  if (options.planted !== false)
    await plantStaff(
      access,
      Object.entries(roster).map(([login, roles]) => ({
        login,
        name: login,
        language: "en" as const,
        roles,
        password: PASSWORD,
        totpSecret: secretOf(login),
      })),
    );
  const people = await read.db.selectFrom("access.person").select(["id", "login"]).execute();
  const ids = Object.fromEntries(people.map(({ id, login }) => [login, id]));
  const loginOf = (id: string) => Object.keys(ids).find((login) => ids[login] === id) ?? fail(id);

  const { tryPassword, tryCode } = await import("../../src/access/sign-in/sign-in.ts");
  const { sessionId } = await import("../../src/access/sessions.ts");
  const world: World = {
    db,
    door: theDoor,
    access,
    vault,
    read: read.db,
    clock,
    slept,
    formKey,
    ids,
    unexpected,
    policy: () => policy,
    code(login) {
      // one step and no more: somebody else's code, made a moment ago, is still good
      clock.advance(30_000);
      return generateSync({
        secret: secrets[login] ?? fail(login),
        epoch: Math.floor(clock.now().getTime() / 1000),
      });
    },
    async half(login) {
      const { token } = await tryPassword(access.runtime, { login, password: PASSWORD }, browser({}));
      const person = ids[login] ?? fail(login);
      return {
        token,
        device: null,
        credential: { type: "session", person, session: sessionId(token) },
      };
    },
    async signIn(login, from = {}) {
      const where = browser(from);
      const { token: pending } = await tryPassword(access.runtime, { login, password: PASSWORD }, where);
      const person = ids[login] ?? fail(login);
      const half = { type: "session", person, session: sessionId(pending) } as const;
      const { token, device } = await tryCode(access.runtime, half, world.code(login), where);
      return { token, device, credential: { type: "session", person, session: sessionId(token) } };
    },
    async bound(session, command, input) {
      const parsed = parseInput(command.input, input);
      const digest = inputDigest(vaultSealer(vault), command.name, parsed).toString("base64url");
      const { ownPassword } = await import("../../src/access/step-up/step-up.ts");
      const { withCountedCode } = await import("../../src/access/sign-in/sign-in.ts");
      const { stepUpCommand } = await import("../../src/access/step-up/command.ts");
      const { credential } = session;
      const check = await ownPassword(access.runtime, credential.person, PASSWORD);
      const code = world.code(loginOf(credential.person));
      const token = await withCountedCode(
        access.runtime,
        policy,
        credential,
        code,
        { id: randomUUID() },
        async (attempt) => {
          const done = await theDoor.execute(stepUpCommand, credential, {
            attempt,
            bound: { check, digest },
          });
          return done.value.token;
        },
      );
      session.token = token;
      session.credential = { ...credential, session: sessionId(token) };
      const done = await theDoor.execute(command, session.credential, input);
      return done.value;
    },
    freeze(code) {
      frozen = code;
    },
    async obey(change) {
      policy = compile(change(rulesText), documents);
    },
    async events(action) {
      const { rows } = await withClient(
        db.url("gatehouse_owner"),
        async (owner) =>
          await owner.query<{ body: Buffer }>("SELECT body FROM audit.stage ORDER BY writer_seq"),
      );
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by the door, as `audit.v1`
      const events = rows.map((row) => JSON.parse(row.body.toString()) as Event);
      return action === undefined ? events : events.filter((event) => event.action === action);
    },
    sql: async (text, values) => await throughTheDoor(db, text, values ?? []),
    async close() {
      await Promise.all([write.end(), read.db.destroy()]);
      await rm(folder, { recursive: true });
      await db.close();
    },
  };
  return world;
}

export function browser(from: Partial<Where>) {
  return {
    address: "203.0.113.7",
    agent: "Chrome · Linux",
    device: null,
    ...from,
    request: { id: randomUUID() },
  };
}

/** Thirty-two base32 characters, the same for the same login. */
export function secretOf(login: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bytes = createHash("sha256").update(login).digest();
  return [...bytes].map((byte) => alphabet[byte & 31]).join("");
}

export function vaultSealer(vault: Vault) {
  return {
    seal: async () => fail("seals nothing"),
    unseal: async () => fail("unseals nothing"),
    digest: (label: string, bytes: Buffer) => vault.digest(label, bytes),
  };
}

/** The shipped rules. */
async function accessRules(): Promise<string> {
  const shipped = await readShipped(projectRoot());
  return shipped.find((file) => file.document === "access")?.text ?? fail("no access.yaml");
}

/** The shipped figures of sign-in, with the cheapest hash that the code allows. */
async function policyDocument(params: Record<string, number>): Promise<string> {
  const shipped = await readShipped(projectRoot());
  const text = shipped.find((file) => file.document === "POL-ACCESS")?.text ?? fail("no POL-ACCESS");
  const changed = { argon2_memory_mib: 19, argon2_passes: 2, ...params };
  return Object.entries(changed).reduce(
    (document, [name, value]) => document.replace(new RegExp(`^  ${name}: .*$`, "m"), `  ${name}: ${value}`),
    text,
  );
}

function compile(rules: string, document: string): CompiledPolicy {
  // every name in the file counts as offered: other modules are not part of these tests
  const named = new Set(rules.match(/[a-z][a-z_]*(\.[a-z][a-z_]*)+/g) ?? []);
  return compilePolicy(
    [
      { document: "access", file: "policies/access.yaml", text: rules },
      { document: "POL-ACCESS", file: "policies/documents/POL-ACCESS.md", text: document },
    ],
    { permissions: named, reveals: new Set(), params: [...accessModule.params, stepUpMinutes] },
  );
}

function testClock() {
  let at = new Date("2026-03-05T06:00:00Z").getTime();
  return {
    now: () => new Date(at),
    advance(ms: number) {
      at += ms;
    },
    to(time: Date) {
      at = time.getTime();
    },
  };
}

/** The stage without a sequencer behind it. */
async function stage(db: TestDatabase): Promise<EventLog> {
  const writer = randomUUID();
  await withClient(db.url("gatehouse_app"), async (app) => {
    await app.query("INSERT INTO audit.writer (id, host, pid) VALUES ($1, 'test', $2)", [
      writer,
      process.pid,
    ]);
  });
  let seq = 0;
  return {
    admitsAnonymous: () => true,
    prepare(events) {
      const numbered = events.map((event) => ({ ...event, writer: { id: writer, seq: (seq += 1) } }));
      return {
        statement: {
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

/** A connection of its own, which has ended before the database is dropped. */
async function throughTheDoor(
  db: TestDatabase,
  text: string,
  values: unknown[],
): Promise<Record<string, unknown>[]> {
  return await withClient(db.url("gatehouse_owner"), async (owner) => {
    await owner.query("BEGIN");
    await owner.query(
      "INSERT INTO door.command (id, name, actor_type, actor_id, input_digest) VALUES ($1, 'test', 'operator', 'test', '')",
      [randomUUID()],
    );
    await owner.query("INSERT INTO audit.stage (writer, writer_seq, body) VALUES ($1, 1, '{}')", [
      randomUUID(),
    ]);
    const { rows } = await owner.query<Record<string, unknown>>(text, values);
    await owner.query("COMMIT");
    return rows;
  });
}

function fail(what: string): never {
  throw new Error(`the test's world lacks: ${what}`);
}
