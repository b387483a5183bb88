import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { generateSecret, generateSync } from "otplib";
import { plantStaff } from "../../src/access/planting.ts";
import { type Console, openConsole } from "../../src/app.ts";
import { type DemoAccount, demoPassword } from "../../src/demo/accounts.ts";
import { demoModules, loadDemo } from "../../src/demo/index.ts";
import { readAccounts } from "../../src/demo/accounts.ts";
import { roster } from "../../src/demo/roster.ts";
import { loadConfig } from "../../src/platform/config.ts";
import { listen, type HttpApp } from "../../src/platform/http/index.ts";
import { createLog } from "../../src/platform/log.ts";
import { Client } from "./client.ts";
import { ageFactor, stagePerson, stageSession, stagingModule } from "./staging.ts";

const STEP_MS = 30_000;

export interface TestConsoleOptions {
  /** `people`: the demo's staff. `demo`: all that `npm run demo` loads, which takes its time. */
  with: "people" | "demo";
  /** The origin that browsers see; without one, the address on loopback. */
  publicOrigin?: string;
  /** Further settings. */
  env?: Readonly<Record<string, string>>;
}

export interface SessionOptions {
  level?: 1 | 2;
  /** Minutes since it began, which is also when it was last seen. */
  startedAgo?: number;
  /** Minutes since its second factor. */
  factorAgo?: number;
  /** Minutes until it ends. */
  endsIn?: number;
}

/** A whole console in a directory of its own, with the demo's people in it, as `main.ts` would start it. */
export interface TestConsole {
  console: Console;
  http: HttpApp;
  origin: string;
  accounts: readonly DemoAccount[];
  /** Lines of the operator's log. */
  lines: Record<string, unknown>[];
  account(login: string): DemoAccount;
  /** The first account that holds exactly this role. */
  loginOf(role: string): string;
  personId(login: string): Promise<string>;
  /** A code that this person has not used yet; waits for the next one when three were used within a minute. */
  codeFor(login: string): Promise<string>;
  /** A browser without cookies. */
  visitor(): Client;
  /** A browser with a session of this person, made without the forms. */
  session(login: string, options?: SessionOptions): Promise<Client>;
  /** A browser that went through the sign-in forms. */
  signIn(login: string): Promise<Client>;
  /** Somebody beyond the demo's people; gives the id. */
  person(login: string, as: { state?: "active" | "disabled"; role?: string }): Promise<string>;
  /** The second factor of this person was shown so many minutes ago. */
  ageFactor(login: string, minutes: number): Promise<void>;
  /** Listens on a free port, for a real browser. Closed with the console. */
  listen(): Promise<string>;
  /** Starts the jobs. Stopped with the console. */
  work(): Promise<void>;
  close(): Promise<void>;
}

const operator = { type: "operator", osUser: "test" } as const;

/** Opens it; close it in `afterAll`. One a file: it brings a database server of its own. */
export async function testConsole(options: TestConsoleOptions): Promise<TestConsole> {
  const dataDir = await mkdtemp(join(tmpdir(), `gatehouse-test-${process.pid}-`));
  const lines: Record<string, unknown>[] = [];
  const closing: (() => Promise<unknown>)[] = [
    async () => await rm(dataDir, { recursive: true, force: true }),
  ];
  const env = {
    ...options.env,
    DATA_DIR: dataDir,
    ...(options.publicOrigin === undefined ? {} : { PUBLIC_ORIGIN: options.publicOrigin }),
  };
  const console = await openConsole({
    config: loadConfig(env, { demo: true, cwd: dataDir }),
    // every line is one JSON object: that is what the log promises
    log: createLog("info", {
      write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
    }),
    use: "console",
    extra: [...demoModules, stagingModule],
  });
  closing.push(async () => await console.close());
  const accounts = options.with === "demo" ? await demo(console) : await people(console);

  const http = console.http();
  const origin = options.publicOrigin ?? "http://127.0.0.1";
  const ids = new Map<string, string>();
  const steps = new Map<string, number>();

  const account = (login: string) => {
    const found = accounts.find((a) => a.login === login);
    if (found === undefined) throw new Error(`the demo has no ${login}`);
    return found;
  };
  const personId = async (login: string) => {
    const known = ids.get(login);
    if (known !== undefined) return known;
    const { id } = await console.read
      .selectFrom("access.person")
      .select("id")
      .where("login", "=", login)
      .executeTakeFirstOrThrow();
    ids.set(login, id);
    return id;
  };
  const codeFor = async (login: string) => {
    // one step of the past and one of the future are taken as well, and each step once
    for (;;) {
      const now = Math.floor(new Date().getTime() / STEP_MS);
      const step = Math.max((steps.get(login) ?? 0) + 1, now);
      if (step <= now + 1) {
        steps.set(login, step);
        return generateSync({ secret: account(login).totpSecret, epoch: (step * STEP_MS) / 1000 });
      }
      await delay(step * STEP_MS - STEP_MS - new Date().getTime() + 50);
    }
  };
  const visitor = () => new Client(http.app, origin);

  return {
    console,
    http,
    origin,
    accounts,
    lines,
    account,
    loginOf: (role) => {
      const found = accounts.find((a) => a.roles.length === 1 && a.roles[0] === role);
      if (found === undefined) throw new Error(`nobody of the demo is only ${role}`);
      return found.login;
    },
    personId,
    codeFor,
    visitor,
    async session(login, { level = 2, startedAgo = 0, factorAgo = 0, endsIn = 60 } = {}) {
      const input = { person: await personId(login), level, startedAgo, factorAgo, endsIn };
      const { value } = await console.door.execute(stageSession, operator, input);
      const client = visitor();
      client.cookies.set(origin.startsWith("https:") ? "__Host-gatehouse" : "gatehouse", value.token);
      return client;
    },
    async signIn(login) {
      const client = visitor();
      const password = await client.submit("/sign-in", { login, password: account(login).password });
      if (password.status !== 303) throw new Error(`${login}: the password got ${password.status}`);
      const code = await client.submit("/sign-in/code", { code: await codeFor(login) });
      if (code.status !== 303) throw new Error(`${login}: the code got ${code.status}`);
      return client;
    },
    async person(login, { state = "active", role }) {
      const input = { login, state, role: role ?? null };
      const { value } = await console.door.execute(stagePerson, operator, input);
      ids.set(login, value.id);
      return value.id;
    },
    async ageFactor(login, minutes) {
      await console.door.execute(ageFactor, operator, { person: await personId(login), minutes });
    },
    async listen() {
      const server = await listen(http, { host: "127.0.0.1", port: 0 }, 500);
      closing.push(async () => await server.close());
      return server.url;
    },
    async work() {
      const worker = await console.work();
      closing.push(async () => await worker.stop());
    },
    async close() {
      for (const step of closing.splice(0).toReversed()) await step();
    },
  };
}

async function people(console: Console): Promise<DemoAccount[]> {
  const planted = roster.map((person) => ({
    ...person,
    password: demoPassword(),
    totpSecret: generateSecret({ length: 20 }),
  }));
  await plantStaff(console.access, planted);
  return planted;
}

async function demo(console: Console): Promise<DemoAccount[]> {
  await loadDemo(console, () => {});
  const accounts = await readAccounts(console.config.dataDir);
  if (accounts === null) throw new Error("the demo wrote no accounts");
  return accounts;
}
