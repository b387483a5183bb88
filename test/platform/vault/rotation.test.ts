import { Client, type PoolClient } from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { uuidv7 } from "../../../src/door/ids.ts";
import {
  openKeyring,
  openVault,
  type Rotation,
  type SealedCell,
  type Vault,
} from "../../../src/platform/vault/index.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { inCommand, inQuery, profile, standingClock, tempDirectory } from "./support.ts";

const clock = standingClock();
const home = tempDirectory();
const PEOPLE = 2300; // five steps of at most 500
let db: TestDatabase;
let vault: Vault;
/** A console that was started before and keeps reading while another one rotates. */
let bystander: Vault;
let cells: SealedCell[];

beforeAll(async () => {
  db = await testDatabase();
  [vault, bystander] = await Promise.all([open(), open()]);
  const values = Array.from({ length: PEOPLE }, (_, i) =>
    profile({ plain: `+86138${String(i).padStart(8, "0")}` }),
  );
  const envelopes = await inCommand(app(), async (tx) => await vault.protectAll(tx, values));
  cells = values.map(({ plain: _, purpose: __, ...place }, at) => ({
    ...place,
    envelope: envelopes[at] ?? null,
  }));
});
afterAll(async () => {
  await db.close();
  home.remove();
});
beforeEach(async () => {
  const open = (await inQuery(reader(), async (tx) => await vault.rotations(tx))).find(
    (rotation) => rotation.state === "running",
  );
  if (open !== undefined) await finish(open.id);
});

const open = async () => openVault(await openKeyring({ path: home.keyring, clock }), clock);
const app = () => db.pool("gatehouse_app");
const reader = () => db.pool("gatehouse_reader");
const begin = async () => await inCommand(app(), async (tx) => await vault.beginRotation(tx));
const step = async (id: string, by = vault) =>
  await inCommand(app(), async (tx) => await by.rotationStep(tx, id));

async function finish(id: string, by = vault): Promise<Rotation> {
  for (;;) {
    const rotation = await step(id, by);
    if (rotation.state === "finished") return rotation;
  }
}

async function readable(by: Vault, some: readonly SealedCell[] = cells): Promise<number> {
  const masks = await inQuery(reader(), async (tx) => await by.mask(tx, some));
  return masks.filter((mask) => mask.state === "open").length;
}

async function versions(): Promise<{ version: number; keys: number }[]> {
  const { rows } = await db.owner.query<{ version: number; keys: number }>(
    "SELECT kek_version AS version, count(*)::int AS keys FROM vault.dek WHERE state <> 'shredded' GROUP BY 1 ORDER BY 1",
  );
  return rows;
}

/** Ends a session as a crash would: the server rolls back what it had open. */
async function kill(victim: PoolClient): Promise<void> {
  const { rows } = await victim.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  const admin = new Client({ connectionString: db.adminUrl });
  await admin.connect();
  await admin.query("SELECT pg_terminate_backend($1)", [rows[0]?.pid]);
  await admin.end();
}

test("a rotation rewraps every key, at most 500 a step, and touches no value", async () => {
  const begun = await begin();
  expect(begun).toMatchObject({ state: "running", total: PEOPLE, done: 0, fromVersion: 1, toVersion: 2 });
  const done: number[] = [];
  for (let at = await step(begun.id); at.state === "running"; at = await step(begun.id)) done.push(at.done);
  expect(done).toEqual([500, 1000, 1500, 2000, 2300]);
  expect(await versions()).toEqual([{ version: 2, keys: PEOPLE }]);
  expect((await inQuery(reader(), async (tx) => await vault.rotations(tx)))[0]).toMatchObject({
    state: "finished",
    total: PEOPLE,
    done: PEOPLE,
  });
  expect(await readable(vault)).toBe(PEOPLE);
  expect(await readable(await open())).toBe(PEOPLE);
});

test("while it runs nobody's read fails, not in a console that knows nothing of it", async () => {
  const { id } = await begin();
  const until = new AbortController();
  const reads = (async () => {
    const seen: number[] = [];
    for (let from = 0; !until.signal.aborted; from = (from + 50) % (PEOPLE - 50)) {
      clock.forward(61_000); // so that no key comes from memory
      seen.push(await readable(bystander, cells.slice(from, from + 50)));
    }
    return seen;
  })();
  await finish(id);
  until.abort();
  const seen = await reads;
  expect(seen.length).toBeGreaterThan(0);
  expect(new Set(seen)).toEqual(new Set([50]));
});

test("killed in the middle of a step, it resumes in another process and loses nothing", async () => {
  const { id, toVersion } = await begin();
  await step(id);
  const killed = inCommand(app(), async (tx, client) => {
    await vault.rotationStep(tx, id);
    client.on("error", () => {}); // the connection dies by our hand
    await kill(client);
    await client.query("SELECT 1");
  });
  await expect(killed).rejects.toThrow();

  const [state] = await inQuery(reader(), async (tx) => await vault.rotations(tx));
  expect(state).toMatchObject({ state: "running", done: 500 });
  expect(await readable(bystander)).toBe(PEOPLE);
  expect(await finish(id, await open())).toMatchObject({ done: PEOPLE, total: PEOPLE });
  expect(await versions()).toEqual([{ version: toVersion, keys: PEOPLE }]);
});

test("two workers at once take different keys", async () => {
  const { id, toVersion } = await begin();
  const ends = await Promise.all([finish(id), finish(id, bystander)]);
  expect(ends.map((rotation) => rotation.done)).toEqual([PEOPLE, PEOPLE]);
  expect(await versions()).toEqual([{ version: toVersion, keys: PEOPLE }]);
});

test("a second rotation waits for the first to finish", async () => {
  const { id } = await begin();
  await expect(begin()).rejects.toMatchObject({ kind: "conflict", code: "vault_rotation_running" });
  await finish(id);
});

test("a beginning that is rolled back and tried again makes one version, not two", async () => {
  const before = vault.describe().version;
  await inCommand(app(), async (tx) => {
    await vault.beginRotation(tx);
    throw new Error("serialization failure, say");
  }).catch(() => {});
  const { id, toVersion } = await begin();
  expect(toVersion).toBe(before + 1);
  await finish(id);
});

test("a key shredded on the way is no more to do, and stays shredded", async () => {
  const { id } = await begin();
  const gone = cells.at(-1);
  if (gone === undefined) throw new Error("there are cells");
  await inCommand(app(), async (tx) => await vault.shred(tx, { subject: gone.subject, purpose: "profile" }));
  expect(await finish(id)).toMatchObject({ done: PEOPLE - 1, total: PEOPLE - 1 });
  expect(await inQuery(reader(), async (tx) => await vault.mask(tx, [gone]))).toEqual([
    { state: "shredded", text: "" },
  ]);
});

test("an unknown rotation is refused", async () => {
  await expect(step(uuidv7())).rejects.toMatchObject({ kind: "not-found" });
});
