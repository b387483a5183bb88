// Writes what is derived from the migrated database: the table types and the list of grants.
import { writeFile } from "node:fs/promises";
import { renderGrants } from "../test/support/grants.ts";
import { renderSchema } from "../test/support/schema.ts";
import { startTestServer, TEMPLATE, testUrl, withClient } from "../test/support/server.ts";

const server = await startTestServer({ durable: false });
try {
  await withClient(testUrl(server, TEMPLATE), async (client) => {
    await writeFile(
      new URL("../src/platform/database/schema.ts", import.meta.url),
      await renderSchema(client),
    );
    await writeFile(
      new URL("../test/platform/database/grants.txt", import.meta.url),
      await renderGrants(client),
    );
  });
} finally {
  await server.stop();
}
