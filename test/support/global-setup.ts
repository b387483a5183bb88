import type { TestProject } from "vitest/node";
import { startTestServer, type TestServer } from "./server.ts";

declare module "vitest" {
  export interface ProvidedContext {
    server: TestServer;
  }
}

/** One PostgreSQL server for the whole run; every test file clones its databases from the template in it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startTestServer({ durable: false });
  project.provide("server", { port: server.port, password: server.password });
  return async () => await server.stop();
}
