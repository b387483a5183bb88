import { randomUUID } from "node:crypto";
import { chown, cp, mkdir, readFile, readlink, rename, rm, stat, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Binaries } from "./binaries.ts";
import type { OsUser } from "./os-user.ts";

/**
 * Root's server runs as another user, who cannot pass through a closed directory on the way (a program unpacked
 * below `/root`, which is 0700). Nobody's permissions are changed for that: what the server needs then lies here.
 */
const SHELTER = "/var/lib/gatehouse";

/**
 * The directory that holds the server's own files: the data directory, or when the server cannot reach that, one
 * in the shelter. A link in the data directory remembers which; without the link the server would be a new one.
 */
export async function serverHome(dataDir: string, user: OsUser | undefined): Promise<string> {
  if (!user || (await canReach(dataDir, user))) return dataDir;
  const link = join(dataDir, "server");
  try {
    return await readlink(link);
  } catch {
    // none yet
  }
  const home = join(SHELTER, randomUUID());
  await mkdir(SHELTER, { recursive: true, mode: 0o755 });
  await mkdir(home, { mode: 0o700 });
  await chown(home, user.uid, user.gid);
  try {
    await symlink(home, link);
    return home;
  } catch (error) {
    await rm(home, { recursive: true });
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return await readlink(link);
    throw error;
  }
}

/** The programs, copied once into the shelter when the server's user cannot reach those of the package. */
export async function reachablePrograms(binaries: Binaries, user: OsUser | undefined): Promise<Binaries> {
  if (!user || (await canReach(binaries.postgres, user))) return binaries;
  const native = dirname(dirname(binaries.postgres));
  const target = join(SHELTER, `postgresql-${await packageVersion(dirname(native))}`);
  if (!(await isThere(target))) await copyWhole(native, target);
  const at = (name: keyof Binaries) => join(target, "bin", name);
  return { initdb: at("initdb"), pg_ctl: at("pg_ctl"), postgres: at("postgres") };
}

async function copyWhole(from: string, to: string): Promise<void> {
  const draft = `${to}.${randomUUID()}`;
  await mkdir(SHELTER, { recursive: true, mode: 0o755 });
  try {
    await cp(from, draft, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    await rename(draft, to);
  } catch (error) {
    if (!(await isThere(to))) throw error; // another start has copied it meanwhile
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Whether `user` may pass every directory from the root of the file system down to `path`. */
async function canReach(path: string, user: OsUser): Promise<boolean> {
  for (let at = path; ; at = dirname(at)) {
    const { uid, gid, mode } = await stat(at);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (dirname(at) === at) return true;
  }
}

async function packageVersion(directory: string): Promise<string> {
  const parsed: unknown = JSON.parse(await readFile(join(directory, "package.json"), "utf8"));
  const version: unknown =
    typeof parsed === "object" && parsed !== null ? Reflect.get(parsed, "version") : undefined;
  if (typeof version !== "string") throw new Error(`${directory} has no version.`);
  return version;
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
