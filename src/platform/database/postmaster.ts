import { readdir, readFile, readlink, realpath, rm } from "node:fs/promises";
import { join } from "node:path";

/** The part of `postmaster.pid` that is of use. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

/** What `postmaster.pid` in a data directory says; `undefined` when there is none or it is torn. */
export async function readPostmaster(directory: string): Promise<Postmaster | undefined> {
  let text: string;
  try {
    text = await readFile(join(directory, "postmaster.pid"), "utf8");
  } catch {
    return undefined;
  }
  // Lines: pid, data directory, start time, port, socket directory, address, shared memory, status.
  const lines = text.split("\n");
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!Number.isInteger(pid) || pid <= 0 || !Number.isInteger(port)) return undefined;
  return { pid, port, ready: lines[7]?.trim() === "ready" };
}

/** The server that runs on this data directory now, whoever started it. */
export async function runningPostmaster(directory: string): Promise<Postmaster | undefined> {
  const postmaster = await readPostmaster(directory);
  return postmaster && (await isAlive(postmaster.pid, directory)) ? postmaster : undefined;
}

/**
 * Process ids are used again, in containers within seconds. Where the kernel tells (Linux), a process counts
 * as the server only if it works in the data directory, as every PostgreSQL process does.
 */
async function isAlive(pid: number, directory: string): Promise<boolean> {
  if (!processExists(pid)) return false;
  if (process.platform !== "linux") return true;
  return (await worksIn(pid)) === (await realpath(directory));
}

async function worksIn(pid: number | string): Promise<string | undefined> {
  try {
    return await readlink(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** PostgreSQL itself refuses to start when the id in its old pid file now belongs to anybody at all. */
export async function dropStalePidFile(directory: string): Promise<void> {
  if (process.platform !== "linux") return; // elsewhere nobody can tell the owner of the id; PostgreSQL decides
  const postmaster = await readPostmaster(directory);
  if (postmaster && !(await isAlive(postmaster.pid, directory)))
    await rm(join(directory, "postmaster.pid"), { force: true });
}

/** Ends processes of a dead postmaster that still work in this data directory. Linux only. */
export async function quitOrphans(directory: string): Promise<void> {
  if (process.platform !== "linux") return;
  const real = await realpath(directory);
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry) || (await worksIn(entry)) !== real) continue;
    try {
      process.kill(Number(entry), "SIGQUIT");
    } catch {
      // it ended by itself meanwhile
    }
  }
}

/** Whether any process has this id, ours or not. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
