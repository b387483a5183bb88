import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { renderDatabaseGrants, renderRoles } from "../../../src/platform/database/roles.ts";

test("docs/running.md shows an operator the SQL that really runs", async () => {
  const page = await readFile(new URL("../../../docs/running.md", import.meta.url), "utf8");
  expect(page).toContain(`\`\`\`sql\n${renderRoles(() => "…")}${renderDatabaseGrants("gatehouse")}\`\`\``);
});
