import { randomBytes } from "node:crypto";
import { chmod, chown, link, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type OsUser, serverUser } from "./os-user.ts";

/**
 * Creates the data directory, for those who need it before the database is open (the keyring does).
 * `embedded`: a server of ours will run in it.
 */
export async function ensureDataDir(path: string, options: { embedded: boolean }): Promise<void> {
  await prepareDataDir(path, options.embedded ? await serverUser() : undefined);
}

/**
 * Creates the data directory, closed to everybody else (0700). When we are root it belongs to the user that
 * the server runs as, who must be able to pass through it; what lies inside keeps its own owner.
 * A directory that somebody else prepared is left as it is.
 */
export async function prepareDataDir(path: string, user: OsUser | undefined): Promise<void> {
  const created = await mkdir(path, { recursive: true, mode: 0o700 });
  if (created !== undefined) await chmod(path, 0o700); // whatever the umask
  if (!user) return;
  const { uid, mode } = await stat(path);
  const onlyRoot = uid === 0 && (mode & 0o777) === 0o700;
  if (onlyRoot) await chown(path, user.uid, user.gid);
}

/**
 * The password of the embedded server's superuser, made on first use and kept in a file of mode 0600.
 * It must be there before the server is created, so it is not derived from the keyring.
 */
export async function superuserPassword(dataDir: string): Promise<string> {
  const file = join(dataDir, "postgres.password");
  const kept = await readIfThere(file);
  if (kept !== undefined) return kept;
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, randomBytes(32).toString("base64url"), { mode: 0o600, flush: true });
  try {
    await link(draft, file); // whole or not at all, and never over another start's password
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return await readFile(file, "utf8");
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
