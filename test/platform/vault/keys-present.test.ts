import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkKeysPresent, type Keyring, openKeyring, openVault } from "../../../src/platform/vault/index.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { inCommand, inQuery, profile, standingClock, tempDirectory } from "./support.ts";

const clock = standingClock();
const home = tempDirectory();
let db: TestDatabase;
let own: Keyring;

const ring = async (name: string) => await openKeyring({ path: join(home.path, name), clock });
const check = async (keyring: Keyring) =>
  await inQuery(db.pool("gatehouse_reader"), async (tx) => await checkKeysPresent(tx, keyring.describe()));

beforeAll(async () => {
  db = await testDatabase();
  own = await ring("own.json");
  const vault = openVault(own, clock);
  await inCommand(
    db.pool("gatehouse_app"),
    async (tx) => await vault.protect(tx, profile({ plain: "+8613800138000" })),
  );
});
afterAll(async () => {
  await db.close();
  home.remove();
});

test("the keyring that the data lies under passes, also after it has been rotated", async () => {
  await check(own);
  await own.rotate(1);
  await check(own);
});

test("another installation's keyring is refused at the start, by name", async () => {
  await expect(check(await ring("other.json"))).rejects.toThrow(
    /does not hold the keys that the database uses/,
  );
});
