import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readPostmaster } from "../../../src/platform/database/postmaster.ts";
import { projectRoot } from "../../../src/platform/root.ts";

// Each test creates a server or several.
vi.setConfig({ testTimeout: 60_000 });

const isRoot = process.getuid?.() === 0;

interface Console {
  readonly process: ChildProcess;
  /** The next line it says. */
  next(): Promise<Record<string, unknown>>;
}

let dataDir: string;
let consoles: Console[];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), `gatehouse-test-${process.pid}-embedded-`));
  consoles = [];
});
afterEach(async () => {
  await end(join(dataDir, "postgres"));
  await rm(dataDir, { recursive: true, force: true });
});

/** Ends consoles first: they would start the server again. */
async function end(directory: string): Promise<void> {
  for (const { process } of consoles) if (process.pid !== undefined) await kill(process.pid);
  const postmaster = await readPostmaster(directory);
  if (postmaster) await kill(postmaster.pid);
}

function start(use: "console" | "cli" = "console", as?: { uid: number; gid: number }): Console {
  const script = join(projectRoot(), "test/platform/database/console-process.ts");
  const child = spawn(process.execPath, [script, dataDir, use], {
    ...as,
    cwd: "/",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const started: Console = {
    process: child,
    async next() {
      const line: IteratorResult<string> = await lines.next();
      const said: Record<string, unknown> = line.done ? { ended: true } : JSON.parse(line.value);
      return said;
    },
  };
  consoles.push(started);
  return started;
}

async function kill(pid: number): Promise<void> {
  try {
    process.kill(pid, "SIGKILL");
    for (;;) {
      process.kill(pid, 0);
      // Dead, though its parent has not asked for it yet; in a container nobody may ever ask.
      if (/^State:\s+Z/m.test(await readFile(`/proc/${pid}/status`, "utf8"))) return;
      await delay(5);
    }
  } catch {
    // gone
  }
}

async function postmasterPid(): Promise<number> {
  const postmaster = await readPostmaster(join(dataDir, "postgres"));
  if (!postmaster) throw new Error("no server is running");
  return postmaster.pid;
}

async function ask(at: Record<string, unknown>, sql: string): Promise<unknown[]> {
  const client = new Client({
    host: "127.0.0.1",
    port: Number(at["port"]),
    user: "postgres",
    password: String(at["password"]),
    database: "postgres",
  });
  client.on("error", () => {}); // killed servers are the point of these tests
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test("the first start creates, the second finds; a stop leaves nothing running", async () => {
  const first = start();
  await ask(await first.next(), "CREATE TABLE kept (n int)");
  first.process.kill("SIGTERM");
  expect(await first.next()).toEqual({ stopped: true });
  expect(await readdir(join(dataDir, "postgres"))).not.toContain("postmaster.pid");
  const second = start();
  expect(await ask(await second.next(), "SELECT count(*)::int AS n FROM kept")).toEqual([{ n: 0 }]);
});

test("nobody else can look into the data directory, and the server's log quotes no values", async () => {
  const at = await start().next();
  expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
  expect((await stat(join(dataDir, "postgres"))).mode & 0o777).toBe(0o700);
  expect((await stat(join(dataDir, "postgres.password"))).mode & 0o777).toBe(0o600);
  await ask(at, "CREATE TABLE person (phone text PRIMARY KEY); INSERT INTO person VALUES ('13800138000')");
  await expect(ask(at, "INSERT INTO person VALUES ('13800138000')")).rejects.toMatchObject({ code: "23505" });
  await expect(ask(at, "SELECT '13800138000'::date")).rejects.toThrow();
  const directory = join(dataDir, "postgres", "log");
  const logs = await Promise.all(
    (await readdir(directory)).map(async (file) => await readFile(join(directory, file), "utf8")),
  );
  expect(logs.join()).toContain("duplicate key value");
  expect(logs.join().match(/INSERT INTO|Key \(phone\)/g)).toBe(null);
});

test("a console killed with -9 leaves its server; the next console takes it over within 3 seconds", async () => {
  const first = start();
  const at = await first.next();
  const pid = await postmasterPid();
  first.process.kill("SIGKILL");
  await once(first.process, "exit");
  const began = performance.now();
  expect(await start().next()).toEqual(at);
  expect(performance.now() - began).toBeLessThan(3_000);
  expect(await postmasterPid()).toBe(pid);
});

test("console and server killed: the stale files do not stand in the way, and what was committed is there", async () => {
  const first = start();
  await ask(await first.next(), "CREATE TABLE kept AS SELECT 7 AS n");
  first.process.kill("SIGKILL");
  await kill(await postmasterPid());
  const began = performance.now();
  expect(await ask(await start().next(), "SELECT n FROM kept")).toEqual([{ n: 7 }]);
  expect(performance.now() - began).toBeLessThan(5_000);
});

test.runIf(process.platform === "linux")(
  "a stale pid file may name a process that has nothing to do with us",
  async () => {
    const first = start();
    await first.next();
    first.process.kill("SIGTERM");
    await first.next();
    // As after a restart of a container, where ids are used again: this very process has the old one.
    await writeFile(
      join(dataDir, "postgres", "postmaster.pid"),
      `${process.pid}\n${dataDir}/postgres\n1\n5432\n\n127.0.0.1\n0 0\nready   \n`,
    );
    expect(await start().next()).toHaveProperty("port");
  },
);

test("a server that dies under a console is started again, on the same port", async () => {
  const at = await start().next();
  const before = await postmasterPid();
  await kill(before);
  for (let tries = 0; ; tries++) {
    const rows = await ask(at, "SELECT 1 AS up").catch(() => []);
    if (rows.length === 1) break;
    expect(tries).toBeLessThan(200);
    await delay(50);
  }
  expect(await postmasterPid()).not.toBe(before);
});

test("a second console on the same directory is refused, and the first goes on", async () => {
  const at = await start().next();
  const second = await start().next();
  expect(second["refused"]).toMatch(/^DataDirectoryTaken: Another console is running on this data directory/);
  expect(await ask(at, "SELECT 1 AS up")).toEqual([{ up: 1 }]);
});

test("of three consoles that start together on an empty directory, one runs", async () => {
  const said = await Promise.all([start(), start(), start()].map(async (console) => await console.next()));
  expect(said.filter((line) => "port" in line)).toHaveLength(1);
  expect(said.filter((line) => String(line["refused"]).startsWith("DataDirectoryTaken"))).toHaveLength(2);
  expect((await readdir(dataDir)).filter((entry) => entry.includes("creating"))).toEqual([]);
});

test("a command line joins the console, and whoever leaves last stops the server", async () => {
  const main = start();
  const at = await main.next();
  const cli = start("cli");
  expect(await cli.next()).toEqual(at);
  main.process.kill("SIGTERM");
  expect(await main.next()).toEqual({ stopped: true });
  expect(await ask(at, "SELECT 1 AS up")).toEqual([{ up: 1 }]);
  cli.process.kill("SIGTERM");
  expect(await cli.next()).toEqual({ stopped: true });
  await expect(ask(at, "SELECT 1 AS up")).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("a command line alone starts the server and stops it", async () => {
  const cli = start("cli");
  const at = await cli.next();
  cli.process.kill("SIGTERM");
  await cli.next();
  await expect(ask(at, "SELECT 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("a creation that was killed half-way is swept away", async () => {
  const dead = 2 ** 22 + 1; // above the largest process id of Linux
  await mkdir(join(dataDir, `postgres.creating-${dead}-0000`));
  await writeFile(join(dataDir, `postgres.creating-${dead}-0000.password`), "x");
  expect(await start().next()).toHaveProperty("port");
  expect((await readdir(dataDir)).filter((entry) => entry.includes("creating"))).toEqual([]);
});

test("a directory of another major version is refused", async () => {
  const first = start();
  await first.next();
  first.process.kill("SIGTERM");
  await first.next();
  await writeFile(join(dataDir, "postgres", "PG_VERSION"), "17\n");
  expect((await start().next())["refused"]).toContain("was made by PostgreSQL 17, this program brings 18");
});

test.runIf(isRoot)("an ordinary user runs it as himself", async () => {
  const nobody = { uid: 65_534, gid: 65_534 };
  await chown(dataDir, nobody.uid, nobody.gid);
  const console = start("console", nobody);
  const at = await console.next();
  expect(await ask(at, "SELECT 1 AS up")).toEqual([{ up: 1 }]);
  expect((await stat(join(dataDir, "postgres"))).uid).toBe(nobody.uid);
});

test.runIf(isRoot)(
  "root's server, which runs as another user, works below a closed directory too",
  async () => {
    const above = dataDir;
    await chmod(above, 0o700);
    dataDir = join(above, "var");
    const console = start();
    await ask(await console.next(), "CREATE TABLE kept (n int)");
    const shelter = await readlink(join(dataDir, "server"));
    try {
      console.process.kill("SIGTERM");
      await console.next();
      expect(await ask(await start().next(), "SELECT count(*)::int AS n FROM kept")).toEqual([{ n: 0 }]);
      expect((await stat(above)).mode & 0o777).toBe(0o700);
      expect((await stat(above)).uid).toBe(0);
    } finally {
      await end(join(shelter, "postgres"));
      await rm(shelter, { recursive: true });
      dataDir = above;
    }
  },
);
