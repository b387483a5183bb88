import type { TestProject } from "vitest/node";
import { startTestServer, type TestServer } from "./server.ts";

declare module "vitest" {
  export interface ProvidedContext {
    server: TestServer | { failed: string };
  }
}

/**
 * One PostgreSQL server for the whole run; every test file clones its databases from the template in it. When it
 * cannot be had (a migration with an error in it), the tests that ask for a database fail, and only those.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  try {
    const server = await startTestServer({ durable: false });
    project.provide("server", { port: server.port, password: server.password });
    return async () => await server.stop();
  } catch (error) {
    project.provide("server", { failed: error instanceof Error ? error.message : String(error) });
    return async () => {};
  }
}
