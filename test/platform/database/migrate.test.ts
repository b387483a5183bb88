import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  appliedMigrations,
  type Migration,
  migrate,
  readMigrations,
} from "../../../src/platform/database/migrate.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";

let db: TestDatabase;
let clients: Client[];
beforeEach(async () => {
  db = await testDatabase();
  clients = [];
  // As if nothing had ever been migrated; the tables of the template do not matter here.
  await db.owner.query("DROP SCHEMA gatehouse CASCADE");
});
afterEach(async () => {
  await Promise.all(clients.map(async (client) => await client.end()));
  await db.close();
});

async function owner(): Promise<Client> {
  const client = new Client({ connectionString: db.url("gatehouse_owner") });
  await client.connect();
  clients.push(client);
  return client;
}

function file(number: number, sql: string): Migration {
  const name = `${String(number).padStart(4, "0")}_test`;
  return { number, name, sql, sha256: createHash("sha256").update(sql).digest("hex") };
}

const first = file(1, "CREATE SCHEMA one;");
const second = file(2, "CREATE TABLE one.thing (id int);");

test("applies what is missing, in order, once", async () => {
  const client = await owner();
  expect(await migrate(client, [first])).toEqual(["0001_test"]);
  expect(await migrate(client, [first, second])).toEqual(["0002_test"]);
  expect(await migrate(client, [first, second])).toEqual([]);
  expect(await appliedMigrations(client)).toEqual(["0001_test", "0002_test"]);
});

test("of four programs that start together, one migrates", async () => {
  const all = [first, second];
  const results = await Promise.all(
    (await Promise.all([owner(), owner(), owner(), owner()])).map(
      async (client) => await migrate(client, all),
    ),
  );
  expect(results.flat()).toEqual(["0001_test", "0002_test"]);
});

test("an old migration that was edited is refused, and nothing is applied", async () => {
  const client = await owner();
  await migrate(client, [first]);
  const edited = file(1, "CREATE SCHEMA one; -- a better idea");
  await expect(migrate(client, [edited, second])).rejects.toThrow(
    "0001_test was changed after it was applied",
  );
  expect(await appliedMigrations(client)).toEqual(["0001_test"]);
});

test("a database that a newer program has migrated is refused", async () => {
  const client = await owner();
  await migrate(client, [first, second]);
  await expect(migrate(client, [first])).rejects.toThrow("older than the database");
});

test("a migration that comes to stand before an applied one is refused", async () => {
  const client = await owner();
  await migrate(client, [first, file(3, "CREATE SCHEMA three;")]);
  await expect(migrate(client, [first, second, file(3, "CREATE SCHEMA three;")])).rejects.toThrow(
    "0002_test stands before a migration that is already applied",
  );
});

test("a migration that fails leaves nothing behind, and names its line", async () => {
  const client = await owner();
  const broken = file(2, "CREATE TABLE one.thing (id int);\n\nSELECT no_such_thing;");
  await expect(migrate(client, [first, broken])).rejects.toThrow(
    'Migration 0002_test failed: column "no_such_thing" does not exist (line 3)',
  );
  expect(await appliedMigrations(client)).toEqual(["0001_test"]);
  const { rows } = await client.query("SELECT to_regclass('one.thing') AS found");
  expect(rows).toEqual([{ found: null }]);
});

test("a migration that commits by itself is refused: half of it would stay after a failure", async () => {
  const client = await owner();
  await expect(migrate(client, [file(1, "CREATE SCHEMA one; COMMIT; BEGIN;")])).rejects.toThrow(
    "ends the transaction that it runs in",
  );
});

test("files are read in their order; a wrong name and a number twice are refused", async () => {
  const directory = await mkdtemp(join(tmpdir(), "migrations-"));
  try {
    await writeFile(join(directory, "0002_b.sql"), "SELECT 2");
    await writeFile(join(directory, "0001_a.sql"), "SELECT 1");
    expect((await readMigrations(directory)).map(({ name }) => name)).toEqual(["0001_a", "0002_b"]);
    await writeFile(join(directory, "0002_c.sql"), "SELECT 3");
    await expect(readMigrations(directory)).rejects.toThrow("0002_b and 0002_c have the same number");
    await writeFile(join(directory, "notes.txt"), "");
    await expect(readMigrations(directory)).rejects.toThrow("notes.txt is not named NNNN_name.sql");
  } finally {
    await rm(directory, { recursive: true });
  }
});
