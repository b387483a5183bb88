import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, chown, mkdir, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import type { Binaries } from "./binaries.ts";
import type { OsUser } from "./os-user.ts";
import {
  dropStalePidFile,
  processExists,
  quitOrphans,
  readPostmaster,
  runningPostmaster,
} from "./postmaster.ts";
import { renderSettings, type ServerSettings } from "./settings.ts";

const run = promisify(execFile);

/** One PostgreSQL data directory and what is needed to run a server on it. */
export interface Cluster {
  /** The directory that holds `postgres/`; must exist and be passable for `user`. */
  readonly home: string;
  readonly binaries: Binaries;
  readonly user: OsUser | undefined;
  /** Password of the superuser `postgres`. */
  readonly password: string;
}

const START_LIMIT_MS = 60_000;
const ORPHAN_GRACE_MS = 1_000;

export function dataDirectory(cluster: Cluster): string {
  return join(cluster.home, "postgres");
}

/**
 * Creates the data directory if there is none. `initdb` works under another name, which is renamed when all
 * is done: a creation that was killed half-way never looks like a finished one, and of two creations at the
 * same time one wins.
 */
export async function createCluster(cluster: Cluster, durable: boolean): Promise<void> {
  const target = dataDirectory(cluster);
  await sweepHalfFinished(cluster.home);
  if (await exists(join(target, "PG_VERSION"))) return;
  const draft = join(cluster.home, `postgres.creating-${process.pid}-${randomBytes(4).toString("hex")}`);
  await mkdir(draft, { mode: 0o700 });
  const passwordFile = `${draft}.password`;
  try {
    await writeFile(passwordFile, `${cluster.password}\n`, { mode: 0o600 });
    await give(passwordFile, cluster.user);
    await give(draft, cluster.user);
    await runAs(cluster, cluster.binaries.initdb, [
      `--pgdata=${draft}`,
      "--username=postgres",
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      // Order by code point, the same on every machine and after every update of the C library;
      // a page that wants Chinese order names an ICU collation in its query.
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
      "--locale=C",
      "--data-checksums",
      "--no-instructions",
      ...(durable ? [] : ["--no-sync"]),
    ]);
    await rename(draft, target);
  } catch (error) {
    // Another process was quicker: its directory is as good as ours.
    if (await exists(join(target, "PG_VERSION"))) return;
    throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
    await rm(passwordFile, { force: true });
  }
}

/** Starts the server and waits until it takes connections; gives its process id. The server outlives us. */
export async function startCluster(cluster: Cluster, settings: ServerSettings): Promise<number> {
  const directory = dataDirectory(cluster);
  const configuration = join(directory, "postgresql.conf");
  await writeFile(configuration, renderSettings(settings), { mode: 0o600 });
  await give(configuration, cluster.user);
  const began = performance.now();
  for (;;) {
    const outcome = await tryStart(cluster);
    if (typeof outcome === "number") return outcome;
    const waited = performance.now() - began;
    // Backends that outlived a killed postmaster hold the shared memory for a moment. They notice by
    // themselves; one in the middle of a long statement is told.
    if (!outcome.includes("shared memory block") || waited > START_LIMIT_MS) {
      throw new Error(`The embedded PostgreSQL did not start.\n${outcome}`);
    }
    if (waited > ORPHAN_GRACE_MS) await quitOrphans(directory);
    await delay(200);
  }
}

async function tryStart(cluster: Cluster): Promise<number | string> {
  const directory = dataDirectory(cluster);
  await dropStalePidFile(directory);
  const logFile = join(cluster.home, "postgres-start.log");
  const log = await open(logFile, "w", 0o600);
  let child: ChildProcess;
  try {
    child = spawn(cluster.binaries.postgres, ["-D", directory], {
      ...spawnOptions(cluster),
      // Its own session: a Ctrl-C in the console's terminal must not reach it before our orderly stop.
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
    });
  } finally {
    await log.close();
  }
  child.unref();
  let ended = false;
  child.once("error", () => (ended = true));
  child.once("exit", () => (ended = true));
  const until = performance.now() + START_LIMIT_MS;
  while (performance.now() < until) {
    const postmaster = await readPostmaster(directory);
    if (postmaster?.ready && postmaster.pid === child.pid) return postmaster.pid;
    if (ended) return await readFile(logFile, "utf8");
    await delay(15);
  }
  return `not ready after ${START_LIMIT_MS / 1000} s\n${await readFile(logFile, "utf8")}`;
}

/** Stops the server: ends its sessions and writes a checkpoint. One that does not run is stopped already. */
export async function stopCluster(cluster: Cluster): Promise<void> {
  const directory = dataDirectory(cluster);
  try {
    await runAs(cluster, cluster.binaries.pg_ctl, ["stop", "-D", directory, "-m", "fast", "-w", "-t", "60"]);
  } catch (error) {
    if (await runningPostmaster(directory)) throw error;
  }
}

async function sweepHalfFinished(home: string): Promise<void> {
  for (const entry of await readdir(home)) {
    const match = /^postgres\.creating-(\d+)-/.exec(entry);
    if (!match) continue;
    const [, pid] = match;
    if (Number(pid) !== process.pid && !processExists(Number(pid))) {
      await rm(join(home, entry), { recursive: true, force: true });
    }
  }
}

/** Runs one of the programs to its end; its own words are the error. */
async function runAs(cluster: Cluster, program: string, args: string[]): Promise<void> {
  await run(program, args, spawnOptions(cluster));
}

function spawnOptions({ user }: Cluster): {
  uid?: number;
  gid?: number;
  cwd: string;
  env: NodeJS.ProcessEnv;
} {
  // An environment of its own: PG* variables would change what the server does, and the console's secrets
  // have no business in another process.
  const env: NodeJS.ProcessEnv = { PATH: process.env["PATH"], LANG: "C", LC_ALL: "C", TZ: "UTC" };
  return { ...user, cwd: "/", env };
}

async function give(path: string, user: OsUser | undefined): Promise<void> {
  await chmod(path, (await isDirectory(path)) ? 0o700 : 0o600);
  if (user) await chown(path, user.uid, user.gid);
}

async function isDirectory(path: string): Promise<boolean> {
  const handle = await open(path);
  try {
    return (await handle.stat()).isDirectory();
  } finally {
    await handle.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return readFile(path).then(
    () => true,
    () => false,
  );
}
