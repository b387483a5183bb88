import { open, readFile, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { isMissing } from "./state.ts";

/** What this process holds: its own number in a lock file may also be left over from before a restart. */
const held = new Set<string>();

/**
 * Takes a state directory for this process: two witnesses on one state could each cosign another fork. A lock left
 * by a process that is no more is taken over. Gives the function that releases it.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const path = resolve(join(directory, "lock"));
  for (let attempt = 0; attempt < 2; attempt++) {
    if (await createLock(path)) {
      held.add(path);
      return async () => {
        held.delete(path);
        await rm(path, { force: true });
      };
    }
    await removeStaleLock(path);
  }
  throw new Error(`another witness was faster to take the state in ${directory}`);
}

async function createLock(path: string): Promise<boolean> {
  try {
    const file = await open(path, "wx", 0o600);
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

async function removeStaleLock(path: string): Promise<void> {
  const holder = await readLock(path);
  // An empty lock is one that is just being written.
  if (holder !== undefined && (holder === "" || isAlive(Number(holder), path)))
    throw new Error(`process ${holder || "(starting)"} uses this state; if it is no witness, delete ${path}`);
  // Renaming has one winner. When a new owner came in between, what was taken away is theirs, and goes back.
  const taken = `${path}.${process.pid}`;
  try {
    await rename(path, taken);
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  if ((await readLock(taken)) === holder) await rm(taken);
  else await rename(taken, path);
}

async function readLock(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isAlive(pid: number, path: string): boolean {
  if (pid === process.pid) return held.has(path);
  try {
    return Number.isSafeInteger(pid) && pid > 0 && process.kill(pid, 0);
  } catch (error) {
    // Not ours to signal, and therefore alive.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
