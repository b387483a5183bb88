import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, readlink, realpath } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { readPostmaster } from "../../src/platform/database/postmaster.ts";
import type { Line, Order } from "./protocol.ts";

/** What is killed: the console, the postmaster alone, one session's backend, all of PostgreSQL, everything at once. */
export const targets = ["console", "postmaster", "backend", "postgres", "everything"] as const;
export type Target = (typeof targets)[number];

/** A victim that can be talked to and killed. */
export interface Victim {
  tell(order: Order): void;
  /** Kills it and waits until its last word was read. */
  kill(): Promise<void>;
  /** Lets it leave in its own way and waits for that. */
  leave(): Promise<void>;
}

/** Starts a console on a data directory; `heard` gets every line it says. */
export function startVictim(program: string, dataDir: string, heard: (line: Line) => void): Victim {
  const child: ChildProcess = spawn(process.execPath, ["--disable-proto=throw", program, dataDir], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error("the victim has no pipes");
  stdin.on("error", () => {}); // it was killed in the middle of a word to it
  // written by our own victim
  createInterface({ input: stdout }).on("line", (line) => heard(JSON.parse(line) as Line));
  return {
    tell: (order) => void stdin.write(`${JSON.stringify(order)}\n`),
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
    async leave() {
      stdin.end();
      await ended;
    },
  };
}

/** Kills PostgreSQL on this data directory, or a part of it, in the middle of whatever it does. */
export async function killPostgres(dataDir: string, part: Exclude<Target, "console">): Promise<void> {
  const directory = join(dataDir, "postgres");
  const postmaster = await readPostmaster(directory);
  if (postmaster === undefined) throw new Error("PostgreSQL does not run");
  if (part === "postmaster") return kill(postmaster.pid);
  const backends = await backendsOf(directory, postmaster.pid);
  if (part === "backend") {
    const sessions = backends.filter(({ title }) => /gatehouse_(app|sequencer|jobs)/.test(title));
    const one = sessions[Math.floor(Math.random() * sessions.length)];
    if (one !== undefined) kill(one.pid);
    return;
  }
  for (const { pid } of [postmaster, ...backends]) kill(pid);
}

/** Ends what a test left running, and waits for it. */
export async function sweepPostgres(dataDir: string): Promise<void> {
  const directory = join(dataDir, "postgres");
  const postmaster = await readPostmaster(directory);
  if (postmaster === undefined) return;
  await killPostgres(dataDir, "postgres");
  while ((await backendsOf(directory, 0)).length > 0) await delay(20);
}

/** Processes of the server: every PostgreSQL process works in its data directory. Their titles say what they do. */
async function backendsOf(directory: string, postmaster: number): Promise<{ pid: number; title: string }[]> {
  if (process.platform !== "linux") return []; // elsewhere nobody tells where a process works: the postmaster has to do
  const real = await realpath(directory);
  const found = await Promise.all(
    (await readdir("/proc"))
      .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== postmaster)
      .map(async (entry) => {
        const place = await readlink(`/proc/${entry}/cwd`).catch(() => null);
        if (place !== real) return [];
        const title = await readFile(`/proc/${entry}/cmdline`, "utf8").catch(() => "");
        return title === "" ? [] : [{ pid: Number(entry), title }];
      }),
  );
  return found.flat();
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it ended by itself a moment ago
  }
}
