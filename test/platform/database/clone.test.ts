import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "../../support/database.ts";

let first: TestDatabase;
let second: TestDatabase;
beforeAll(async () => {
  [first, second] = await Promise.all([testDatabase(), testDatabase()]);
});
afterAll(async () => await Promise.all([first.close(), second.close()]));

test("what one test writes, another does not see", async () => {
  await first.owner.query("CREATE SCHEMA only_here");
  const { rows } = await second.owner.query("SELECT to_regnamespace('only_here') AS found");
  expect(rows).toEqual([{ found: null }]);
});

test("each role signs in with its own name", async () => {
  const { rows } = await first.pool("gatehouse_reader").query("SELECT current_user::text AS name");
  expect(rows).toEqual([{ name: "gatehouse_reader" }]);
});
