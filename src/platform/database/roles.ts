import { type ClientBase, escapeIdentifier, escapeLiteral } from "pg";

/** The login roles of the program. The wall between them is what the database still refuses when code has a hole. */
export const databaseRoles = [
  "gatehouse_owner",
  "gatehouse_app",
  "gatehouse_reader",
  "gatehouse_sequencer",
  "gatehouse_jobs",
] as const;
export type DatabaseRole = (typeof databaseRoles)[number];

/** Gives the password of a role; derived from the keyring, so that it is stored nowhere. */
export type PasswordOf = (role: DatabaseRole) => string;

/** A connection's own limits, set on the role: no code path can forget them. Times in milliseconds. */
const settings: Record<DatabaseRole, Record<string, string>> = {
  // Owns every table; used for migrations only.
  gatehouse_owner: { lock_timeout: "30000" },
  // The door. No transaction of ours is open for more than 2 s; these are the fences far behind that.
  gatehouse_app: {
    statement_timeout: "10000",
    lock_timeout: "5000",
    idle_in_transaction_session_timeout: "10000",
  },
  // Queries. It could not write even if a table granted it.
  gatehouse_reader: {
    default_transaction_read_only: "on",
    statement_timeout: "15000",
    idle_in_transaction_session_timeout: "60000",
  },
  gatehouse_sequencer: { statement_timeout: "30000", idle_in_transaction_session_timeout: "10000" },
  // The job queue waits in LISTEN, which no time limit may end.
  gatehouse_jobs: { idle_in_transaction_session_timeout: "60000" },
};

/**
 * The SQL that makes or renews the roles on a server. Runs as often as wanted. `NOINHERIT`: a role has what was
 * granted to it by name, nothing through membership.
 */
export function renderRoles(password: PasswordOf): string {
  const statements = databaseRoles.flatMap((role) => [
    `DO $$ BEGIN CREATE ROLE ${role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
    `ALTER ROLE ${role} LOGIN NOINHERIT PASSWORD ${escapeLiteral(password(role))}`,
    ...Object.entries(settings[role]).map(([name, value]) => `ALTER ROLE ${role} SET ${name} = '${value}'`),
  ]);
  return statements.map((statement) => `${statement};\n`).join("");
}

/**
 * The SQL that opens one database to the roles and to nobody else. The job queue's own schema belongs to
 * `gatehouse_jobs`, which therefore may create one; no role but the owner gets temporary tables, whose files
 * would hold personal data outside our tables.
 */
export function renderDatabaseGrants(database: string): string {
  const name = escapeIdentifier(database);
  return [
    `REVOKE ALL ON DATABASE ${name} FROM PUBLIC`,
    `REVOKE CREATE ON SCHEMA public FROM PUBLIC`,
    `GRANT CONNECT ON DATABASE ${name} TO ${databaseRoles.join(", ")}`,
    `GRANT CREATE ON DATABASE ${name} TO gatehouse_owner, gatehouse_jobs`,
  ]
    .map((statement) => `${statement};\n`)
    .join("");
}

// Two starts at the same time would meet in the same catalogue rows ("tuple concurrently updated").
const ROLES_LOCK = "SELECT pg_advisory_xact_lock(71171, 3)";

/**
 * Makes or renews the five roles and their access to `database`. `admin` is connected to that database as a
 * superuser, or as its owner with CREATEROLE. Roles belong to the whole server: a server that carries the Gatehouse
 * of another database is refused, whose roles would silently get other passwords.
 */
export async function ensureRoles(admin: ClientBase, database: string, password: PasswordOf): Promise<void> {
  await admin.query("BEGIN");
  try {
    await admin.query(ROLES_LOCK);
    await refuseOtherTenant(admin, database);
    await admin.query(renderRoles(password));
    await admin.query(`COMMENT ON ROLE gatehouse_owner IS ${escapeLiteral(database)}`);
    await admin.query(renderDatabaseGrants(database));
    await admin.query("COMMIT");
  } catch (error) {
    await admin.query("ROLLBACK");
    throw error;
  }
}

async function refuseOtherTenant(admin: ClientBase, database: string): Promise<void> {
  const { rows } = await admin.query<{ database: string }>(
    `SELECT d.datname AS database
       FROM pg_roles r JOIN pg_database d ON d.datname = shobj_description(r.oid, 'pg_authid')
      WHERE r.rolname = 'gatehouse_owner' AND d.datname <> $1`,
    [database],
  );
  const tenant = rows[0];
  if (tenant)
    throw new Error(`This PostgreSQL server already carries the Gatehouse of database "${tenant.database}".`);
}
