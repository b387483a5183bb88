import { randomBytes } from "node:crypto";
import { Pool } from "pg";
import { type DatabaseRole, renderDatabaseGrants } from "../../src/platform/database/roles.ts";
import { TEMPLATE, type TestServer, testUrl, withClient } from "./server.ts";

/** A database of a test's own, migrated and empty. */
export interface TestDatabase {
  readonly name: string;
  /** The address for a role. */
  url(role: DatabaseRole): string;
  /** A pool for a role, opened on first use and closed with the database. */
  pool(role: DatabaseRole): Pool;
  /** Shorthand for `pool("gatehouse_owner")`: to set a stage and to look behind it, never to act. */
  readonly owner: Pool;
  /** The superuser's address, for what only an attacker with the machine could do. */
  readonly adminUrl: string;
  close(): Promise<void>;
}

/** Clones the migrated template. Knows nothing of vitest, so that benchmarks can use it. */
export async function cloneDatabase(server: TestServer): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString("hex")}`;
  const adminUrl = testUrl(server, name);
  await withClient(testUrl(server, "postgres"), async (admin) => {
    await admin.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE} STRATEGY FILE_COPY`);
  });
  // A clone takes tables and their grants along, but not the grants on the database itself.
  await withClient(adminUrl, async (admin) => await admin.query(renderDatabaseGrants(name)));

  const pools = new Map<DatabaseRole, Pool>();
  const url = (role: DatabaseRole) => testUrl(server, name, role);
  const pool = (role: DatabaseRole) => {
    const open = pools.get(role) ?? patientPool(url(role));
    pools.set(role, open);
    return open;
  };
  return {
    name,
    url,
    pool,
    adminUrl,
    get owner() {
      return pool("gatehouse_owner");
    },
    async close() {
      await Promise.all([...pools.values()].map(async (open) => await open.end()));
      await withClient(testUrl(server, "postgres"), async (admin) => {
        await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      });
    },
  };
}

/** Dropping the database ends what is still connected; the server's last word about that is not news. */
function patientPool(connectionString: string): Pool {
  return new Pool({ connectionString, max: 20 })
    .on("error", () => {})
    .on("connect", (client) => client.on("error", () => {}));
}
