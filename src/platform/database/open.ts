import { join } from "node:path";
import { Client, DatabaseError, escapeIdentifier } from "pg";
import { projectRoot } from "../root.ts";
import { openEmbedded } from "./embedded.ts";
import { migrate, readMigrations } from "./migrate.ts";
import type { Use } from "./presence.ts";
import { type DatabaseRole, ensureRoles, type PasswordOf } from "./roles.ts";

/** The part of the configuration that says which database. */
export interface DatabaseChoice {
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  readonly databaseAdminUrl: string | undefined;
}

export interface OpenOptions {
  readonly use: Use;
  /** Passwords of the roles; see `PasswordOf`. */
  readonly password: PasswordOf;
  /** The embedded server was taken by another console: this one must stop. */
  readonly onLost?: (error: Error) => void;
}

/** A database with its roles, migrated. */
export interface OpenDatabase {
  readonly kind: "embedded" | "external";
  /** The migrations that this opening applied. */
  readonly applied: readonly string[];
  url(role: DatabaseRole): string;
  /** Leaves; an embedded server stops when nobody else uses it. */
  stop(): Promise<void>;
}

/** The name of our database in the embedded server. */
const DATABASE = "gatehouse";
const OLDEST_SERVER = 150_000;

/** Opens the embedded or the external database, renews the roles and migrates. */
export async function openDatabase(choice: DatabaseChoice, options: OpenOptions): Promise<OpenDatabase> {
  const place = choice.databaseUrl
    ? external(choice.databaseUrl, choice.databaseAdminUrl ?? choice.databaseUrl)
    : await embedded(choice.dataDir, options);
  const url = (role: DatabaseRole) => withUser(place.url, role, options.password(role));
  try {
    const applied = await prepare(place.adminUrl, url("gatehouse_owner"), options.password);
    return { kind: place.kind, applied, url, stop: place.stop };
  } catch (error) {
    await place.stop();
    throw error;
  }
}

interface Place {
  readonly kind: OpenDatabase["kind"];
  readonly url: string;
  readonly adminUrl: string;
  readonly stop: () => Promise<void>;
}

function external(url: string, adminUrl: string): Place {
  return { kind: "external", url, adminUrl, stop: async () => {} };
}

async function embedded(dataDir: string, { use, onLost }: OpenOptions): Promise<Place> {
  const server = await openEmbedded({ dataDir, use, ...(onLost ? { onLost } : {}) });
  const address = (database: string) =>
    withUser(`postgres://127.0.0.1:${server.port}/${database}`, "postgres", server.password);
  try {
    await createDatabase(address("postgres"));
  } catch (error) {
    await server.stop();
    throw error;
  }
  return {
    kind: "embedded",
    url: address(DATABASE),
    adminUrl: address(DATABASE),
    stop: async () => await server.stop(),
  };
}

async function createDatabase(url: string): Promise<void> {
  await withClient(url, async (admin) => {
    const { rowCount } = await admin.query("SELECT FROM pg_database WHERE datname = $1", [DATABASE]);
    if (rowCount === 1) return;
    try {
      await admin.query(`CREATE DATABASE ${escapeIdentifier(DATABASE)}`);
    } catch (error) {
      // A console and a command line that start together on a new directory both get here; one creates it.
      const again = await admin.query("SELECT FROM pg_database WHERE datname = $1", [DATABASE]);
      if (again.rowCount !== 1) throw error;
    }
  });
}

async function prepare(adminUrl: string, ownerUrl: string, password: PasswordOf): Promise<string[]> {
  await withClient(adminUrl, async (admin) => {
    const { rows } = await admin.query<{ version: number; database: string }>(
      "SELECT current_setting('server_version_num')::int AS version, current_database() AS database",
    );
    const server = rows[0];
    if (!server || server.version < OLDEST_SERVER) throw new Error("Gatehouse needs PostgreSQL 15 or later.");
    await ensureRoles(admin, server.database, password).catch(explain);
  });
  const migrations = await readMigrations(join(projectRoot(), "migrations"));
  return await withClient(ownerUrl, async (owner) => await migrate(owner, migrations));
}

/** The one refusal that an operator can mend by reading on. */
function explain(error: unknown): never {
  if (error instanceof DatabaseError && error.code === "42501") {
    const who =
      "The database's admin must own the database and be allowed to create roles; see docs/running.md";
    throw new Error(`${who} (${error.message}).`, { cause: error });
  }
  throw error;
}

async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({
    connectionString: url,
    application_name: "gatehouse-start",
    connectionTimeoutMillis: 10_000,
  });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

function withUser(address: string, user: string, password: string): string {
  const url = new URL(address);
  url.username = user;
  url.password = password;
  return url.href;
}
