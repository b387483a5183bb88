import { randomUUID } from "node:crypto";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openReadPool } from "../../src/platform/database/index.ts";
import {
  databaseAnswers,
  diskHasRoom,
  keyringReadable,
  migrationsApplied,
  sequencerKeepsUp,
} from "../../src/platform/ready.ts";
import { projectRoot } from "../../src/platform/root.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";

let db: TestDatabase;
let read: ReturnType<typeof openReadPool>;
let folder: string;
beforeAll(async () => {
  db = await testDatabase();
  read = openReadPool({ url: (role) => db.url(role), onError: () => {} });
  folder = await mkdtemp(join(tmpdir(), "gatehouse-ready-"));
});
afterAll(async () => {
  await read.db.destroy();
  await db.close();
  await rm(folder, { recursive: true });
});

test("a database that is there answers, one that is gone does not", async () => {
  await databaseAnswers(read.db);
  const gone = openReadPool({ url: () => "postgres://x:x@127.0.0.1:1/x", onError: () => {} });
  await expect(databaseAnswers(gone.db)).rejects.toThrow();
  await gone.db.destroy();
});

test("a program that is newer than its database, or older, is not ready", async () => {
  await migrationsApplied(read.pool, projectRoot());
  await cp(join(projectRoot(), "migrations"), join(folder, "migrations"), { recursive: true });
  await writeFile(join(folder, "migrations/9999_later.sql"), "SELECT 1;");
  await expect(migrationsApplied(read.pool, folder)).rejects.toThrow("differ");
  await rm(join(folder, "migrations/9999_later.sql"));
  await migrationsApplied(read.pool, folder);
  await rm(join(folder, "migrations/0008_wakes_and_nights.sql"));
  await expect(migrationsApplied(read.pool, folder)).rejects.toThrow("differ");
});

test("a keyring that went away is noticed before the next start misses it", async () => {
  const path = join(folder, "keyring.json");
  await expect(keyringReadable(path)).rejects.toThrow("ENOENT");
  await writeFile(path, "{}");
  await keyringReadable(path);
});

test("a staged event that nobody moves for half a minute says that the sequencer stands", async () => {
  const pool = db.pool("gatehouse_sequencer");
  const at = new Date("2026-11-22T08:00:00Z");
  const later = (seconds: number) => ({ now: () => new Date(at.getTime() + seconds * 1000) });
  await sequencerKeepsUp(pool, later(3600));
  const writer = randomUUID();
  await db
    .pool("gatehouse_app")
    .query("INSERT INTO audit.writer (id, host, pid) VALUES ($1, 'test', 1)", [writer]);
  for (const [seq, seconds] of [0, 25].entries()) {
    await db
      .pool("gatehouse_app")
      .query("INSERT INTO audit.stage (writer, writer_seq, body) VALUES ($1, $2, $3)", [
        writer,
        seq + 1,
        Buffer.from(JSON.stringify({ at: later(seconds).now().toISOString() })),
      ]);
  }
  await sequencerKeepsUp(pool, later(29));
  await expect(sequencerKeepsUp(pool, later(40))).rejects.toThrow("the oldest staged event waits for 40 s");
});

test("a disk without room for the write-ahead log is not ready", async () => {
  await diskHasRoom(folder, 1);
  await expect(diskHasRoom(folder, Number.MAX_SAFE_INTEGER)).rejects.toThrow("are free");
});
