import { inject } from "vitest";
import { cloneDatabase, type TestDatabase } from "./clone.ts";

export type { TestDatabase } from "./clone.ts";

/** A fresh clone of the migrated template on the run's server. Close it in `afterAll`. */
export async function testDatabase(): Promise<TestDatabase> {
  const server = inject("server");
  if ("failed" in server) throw new Error(`There is no database for the tests: ${server.failed}`);
  return await cloneDatabase(server);
}
