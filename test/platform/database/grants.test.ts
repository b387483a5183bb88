import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { renderGrants } from "../../support/grants.ts";
import { withClient } from "../../support/server.ts";

const committed = new URL("grants.txt", import.meta.url);

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(async () => await db.close());

async function render(): Promise<string> {
  return await withClient(db.url("gatehouse_owner"), renderGrants);
}

test("the roles have exactly the committed rights; `npm run grants` renews the list", async () => {
  expect(await render()).toBe(await readFile(committed, "utf8"));
});

test("nobody but the schema's owner and the job queue can create anything, and no role is more than a login", async () => {
  const lines = (await render()).split("\n");
  expect(lines.filter((line) => /\bcreate on|temporary on/.test(line))).toEqual([
    "gatehouse_jobs: connect, create on database this",
    "gatehouse_owner: connect, create on database this",
  ]);
  expect(
    lines.filter((line) =>
      /^role .*(superuser|inherit|createrole|createdb|bypassrls|replication)/.test(line),
    ),
  ).toEqual([]);
  expect(lines.filter((line) => line.startsWith("member:"))).toEqual([]);
});

test("a right given by the way, to everybody, on a column or on a new function, shows in the list", async () => {
  await db.owner.query(`
    CREATE SCHEMA slip;
    CREATE TABLE slip.paper (id uuid, name text);
    GRANT SELECT ON slip.paper TO PUBLIC;
    GRANT UPDATE (name) ON slip.paper TO gatehouse_reader WITH GRANT OPTION;
    CREATE FUNCTION slip.run() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
    GRANT EXECUTE ON FUNCTION slip.run() TO gatehouse_app;`);
  expect((await render()).split("\n").filter((line) => line.includes("slip"))).toEqual([
    "PUBLIC: select on table slip.paper",
    "gatehouse_app: execute on definer function slip.run()",
    "gatehouse_reader: update (may pass on) on column slip.paper.name",
  ]);
});

test("the application's role is refused what it was not granted", async () => {
  const app = db.pool("gatehouse_app");
  for (const attempt of [
    "CREATE TABLE public.mine (id int)",
    "CREATE SCHEMA mine",
    "CREATE TEMPORARY TABLE mine (id int)",
    "ALTER TABLE door.command DISABLE TRIGGER ALL",
    "DELETE FROM audit.stage",
    "UPDATE audit.stage SET body = body",
    "TRUNCATE audit.stage",
    "SET ROLE gatehouse_owner",
    "COPY door.deed TO PROGRAM 'true'",
  ]) {
    await expect(app.query(attempt), attempt).rejects.toMatchObject({ code: "42501" });
  }
});

test("the reader cannot write, even where somebody granted it", async () => {
  await db.owner.query("CREATE SCHEMA open_door; GRANT USAGE ON SCHEMA open_door TO gatehouse_reader");
  await db.owner.query(
    "CREATE TABLE open_door.mat (id int); GRANT INSERT ON open_door.mat TO gatehouse_reader",
  );
  await expect(
    db.pool("gatehouse_reader").query("INSERT INTO open_door.mat VALUES (1)"),
  ).rejects.toMatchObject({
    code: "25006",
  });
});
