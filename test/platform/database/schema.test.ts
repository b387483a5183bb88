import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { renderSchema } from "../../support/schema.ts";
import { withClient } from "../../support/server.ts";

const committed = new URL("../../../src/platform/database/schema.ts", import.meta.url);

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(async () => await db.close());

async function render(): Promise<string> {
  return await withClient(db.url("gatehouse_owner"), renderSchema);
}

test("the committed table types are those of the migrated database; `npm run schema` renews them", async () => {
  expect(await render()).toBe(await readFile(committed, "utf8"));
});

test("a column's type, default, emptiness and allowed words are told apart", async () => {
  await db.owner.query(`
    CREATE SCHEMA sample;
    CREATE TABLE sample.two_words (
      id bigint GENERATED ALWAYS AS IDENTITY,
      state text NOT NULL DEFAULT 'a' CHECK (state IN ('a', 'it''s b')),
      tags text[],
      body jsonb NOT NULL,
      born date
    );`);
  expect(await render()).toContain(
    [
      "export interface SampleTwoWords {",
      "  id: AlwaysGenerated<Int8>;",
      `  state: Generated<"a" | "it's b">;`,
      "  tags: string[] | null;",
      "  body: Jsonb;",
      "  born: string | null;",
      "}",
    ].join("\n"),
  );
  await db.owner.query("ALTER TABLE sample.two_words ADD COLUMN spot point");
  await expect(render()).rejects.toThrow("sample.two_words.spot: no TypeScript type is set for point");
});
