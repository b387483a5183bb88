import { afterEach, beforeEach, expect, test } from "vitest";
import { decideFork } from "../../src/audit/commands.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { testDoor, type TestDoor } from "../support/door.ts";

let db: TestDatabase;
let world: TestDoor;
beforeEach(async () => {
  db = await testDatabase();
  world = await testDoor(db, { commands: [decideFork] });
});
afterEach(async () => {
  await world.close();
  await db.close();
});

test("a fork is decided once: whoever decides it again, before the signer has looked, is told so", async () => {
  const forked = {
    kind: "shrunk",
    origin: "shop.example/log",
    signed: { size: 40, root: "c2lnbmVk" },
    tree: { size: 20, root: "dHJlZQ==" },
    successor: "shop.example/log/2",
  };
  await db.owner.query("UPDATE audit.head SET forked = $1", [JSON.stringify(forked)]);
  const input = { origin: forked.origin, signed: 40, reason: "restored from the backup of last night" };
  const decide = async () => await world.door.execute(decideFork, { type: "scheduler", job: "test" }, input);
  expect((await decide()).value).toEqual({ successor: "shop.example/log/2" });
  await expect(decide()).rejects.toMatchObject({ kind: "conflict", code: "no_such_fork" });
  expect(world.unexpected).toEqual([]);
});
