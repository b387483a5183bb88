import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { openEmbedded } from "../../src/platform/database/embedded.ts";
import { migrate, readMigrations } from "../../src/platform/database/migrate.ts";
import { processExists } from "../../src/platform/database/postmaster.ts";
import { type DatabaseRole, ensureRoles } from "../../src/platform/database/roles.ts";
import { projectRoot } from "../../src/platform/root.ts";

export const TEMPLATE = "gatehouse_template";

/** Where a test server listens; plain data, so that it can be handed to the workers. */
export interface TestServer {
  readonly port: number;
  readonly password: string;
}

/** The passwords of the roles on a test server. */
export function testPassword(role: DatabaseRole): string {
  return createHash("sha256").update(`test only: ${role}`).digest("hex").slice(0, 32);
}

/** The address of a database on a test server; without a role, the superuser's. */
export function testUrl(server: TestServer, database: string, role?: DatabaseRole): string {
  const user = role ? `${role}:${testPassword(role)}` : `postgres:${server.password}`;
  return `postgres://${user}@127.0.0.1:${server.port}/${database}`;
}

/**
 * Starts a server of its own in a temporary directory, with a migrated template database. Without `durable` it
 * does not wait for the disk: right for tests, which never pull the plug, and wrong for benchmarks.
 */
export async function startTestServer(options: {
  durable: boolean;
}): Promise<TestServer & { stop(): Promise<void> }> {
  await sweepKilledRuns();
  const home = await mkdtemp(join(tmpdir(), `gatehouse-test-${process.pid}-`));
  const embedded = await openEmbedded({ dataDir: home, use: "console", durable: options.durable });
  const server = { port: embedded.port, password: embedded.password };
  const stop = async () => {
    await embedded.stop();
    await rm(home, { recursive: true, force: true });
  };
  try {
    await createTemplate(server);
  } catch (error) {
    await stop();
    throw error;
  }
  return { ...server, stop };
}

async function createTemplate(server: TestServer): Promise<void> {
  await withClient(testUrl(server, "postgres"), async (admin) => {
    await admin.query(`CREATE DATABASE ${TEMPLATE}`);
  });
  await withClient(
    testUrl(server, TEMPLATE),
    async (admin) => await ensureRoles(admin, TEMPLATE, testPassword),
  );
  const migrations = await readMigrations(join(projectRoot(), "migrations"));
  await withClient(
    testUrl(server, TEMPLATE, "gatehouse_owner"),
    async (owner) => await migrate(owner, migrations),
  );
}

/** Lends a connection. */
export async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** A killed run leaves its server running and its directory behind. */
async function sweepKilledRuns(): Promise<void> {
  for (const entry of await readdir(tmpdir())) {
    const pid = /^gatehouse-test-(\d+)-/.exec(entry)?.[1];
    if (pid === undefined || processExists(Number(pid))) continue;
    const home = join(tmpdir(), entry);
    // Only our own: another user's leftovers are theirs to sweep.
    const mine =
      process.getuid === undefined || process.getuid() === 0 || (await stat(home)).uid === process.getuid();
    if (!mine) continue;
    const left = await openEmbedded({ dataDir: home, use: "cli", durable: false }).catch(() => undefined);
    await left?.stop();
    await rm(home, { recursive: true, force: true });
  }
}
