import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The operating-system user a server runs as: ours (`undefined`), or another one when we are root. */
export interface OsUser {
  readonly uid: number;
  readonly gid: number;
}

const NAME = "postgres";

/**
 * PostgreSQL refuses to run as root. An ordinary user runs it as itself (`undefined`); root runs it as the
 * system user `postgres`, created here without a shell and without a home when the machine has none.
 */
export async function serverUser(): Promise<OsUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  return (await lookUp()) ?? (await create());
}

async function lookUp(): Promise<OsUser | undefined> {
  try {
    const [uid, gid] = await Promise.all([run("id", ["-u", NAME]), run("id", ["-g", NAME])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined; // `id` answers an unknown user with an error: that is the answer, not a failure
  }
}

async function create(): Promise<OsUser> {
  const nobody = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"];
  try {
    await run("useradd", [...nobody, "--shell", "/usr/sbin/nologin", NAME]);
  } catch (cause) {
    // Another start may have created it in the same moment.
    const made = await lookUp();
    if (made) return made;
    throw new Error(
      `The embedded PostgreSQL cannot run as root, and the system user "${NAME}" could not be created. ` +
        "Create it, run as an ordinary user, or set DATABASE_URL.",
      { cause },
    );
  }
  const made = await lookUp();
  if (!made) throw new Error(`The system user "${NAME}" was created but cannot be found.`);
  return made;
}
