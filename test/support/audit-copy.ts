import { randomBytes } from "node:crypto";
import { Pool } from "pg";
import { inject } from "vitest";
import { type DatabaseRole, renderDatabaseGrants } from "../../src/platform/database/roles.ts";
import type { TestDatabase } from "./clone.ts";
import { testUrl, withClient } from "./server.ts";

export type { TestDatabase } from "./clone.ts";

/** A copy of a database as it is now: what a backup would bring back. Nobody may be connected to the original's pools. */
export async function copyOf(db: TestDatabase): Promise<TestDatabase & AsyncDisposable> {
  const server = inject("server");
  if ("failed" in server) throw new Error(`There is no database for the tests: ${server.failed}`);
  const name = `test_${randomBytes(8).toString("hex")}`;
  const adminUrl = testUrl(server, name);
  await withClient(testUrl(server, "postgres"), async (admin) => {
    // A template must have no other users; the original's idle connections come back by themselves.
    await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [db.name]);
    await admin.query(`CREATE DATABASE ${name} TEMPLATE ${db.name} STRATEGY FILE_COPY`);
  });
  await withClient(adminUrl, async (admin) => await admin.query(renderDatabaseGrants(name)));
  const pools = new Map<DatabaseRole, Pool>();
  const url = (role: DatabaseRole) => testUrl(server, name, role);
  const pool = (role: DatabaseRole) => {
    let open = pools.get(role);
    if (open === undefined) {
      open = new Pool({ connectionString: url(role), max: 5 });
      open.on("error", () => {});
      open.on("connect", (client) => client.on("error", () => {}));
      pools.set(role, open);
    }
    return open;
  };
  const close = async () => {
    await Promise.all([...pools.values()].map(async (open) => await open.end()));
    await withClient(testUrl(server, "postgres"), async (admin) => {
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    });
  };
  return {
    name,
    url,
    pool,
    adminUrl,
    get owner() {
      return pool("gatehouse_owner");
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
