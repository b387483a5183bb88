import { randomBytes } from "node:crypto";
import { chmod, chown, link, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
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
 * A directory that somebody else prepared is left as it is. Refuses one that the server cannot reach.
 */
export async function prepareDataDir(path: string, user: OsUser | undefined): Promise<void> {
  const created = await mkdir(path, { recursive: true, mode: 0o700 });
  if (created !== undefined) await chmod(path, 0o700); // whatever the umask
  if (!user) return;
  const { uid, mode } = await stat(path);
  const onlyRoot = uid === 0 && (mode & 0o777) === 0o700;
  if (onlyRoot) await chown(path, user.uid, user.gid);
  await refuseUnreachable(path, user);
}

/** Walks up: one closed directory above (a `/root` of 0700) is enough to keep the server's user out. */
export async function refuseUnreachable(path: string, user: OsUser): Promise<void> {
  for (let at = path; ; at = dirname(at)) {
    const { uid, gid, mode } = await stat(at);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) {
      throw new Error(
        `The embedded PostgreSQL runs as another user than root, who cannot pass through ${at} on the way to ${path}. ` +
          `Allow it (chmod o+x ${at}), move there where it can (DATA_DIR), or run as an ordinary user.`,
      );
    }
    if (dirname(at) === at) return;
  }
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
