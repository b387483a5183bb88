import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/door/clock.ts";
import { uuidv7 } from "../../../src/door/ids.ts";
import { readCheckpoint } from "../../../src/platform/audit/checkpoint.ts";
import { ed25519Signer } from "../../../src/platform/audit/note.ts";
import { openSigner, type Signer, successorOf } from "../../../src/platform/audit/signer.ts";
import { readSignerState, writeSignerState } from "../../../src/platform/audit/signer-state.ts";
import { openReadPool } from "../../../src/platform/database/index.ts";
import {
  anEvent,
  auditDatabase,
  checkLog,
  openTestLog,
  startTestSequencer,
  writeEvents,
} from "../../support/audit.ts";
import { copyOf, type TestDatabase } from "../../support/audit-copy.ts";

const seed = Buffer.alloc(32, 7);
const keyOf = (origin: string) => ed25519Signer(origin, seed);

let db: TestDatabase;
let folder: string;
beforeEach(async () => {
  db = await auditDatabase();
  folder = await mkdtemp(join(tmpdir(), "gatehouse-signer-"));
});
afterEach(async () => {
  await db.close();
  await rm(folder, { recursive: true });
});

/** Brings so many events into the tree of a database. */
async function grow(on: TestDatabase, n: number): Promise<void> {
  const log = await openTestLog(on);
  await writeEvents(
    on,
    log,
    Array.from({ length: n }, () => anEvent()),
  );
  await log.close();
  const sequencer = startTestSequencer(on, { deadAfterMs: 3_600_000 });
  while (!(await sequencer.flush())) await new Promise((resolve) => setTimeout(resolve, 10));
  await sequencer.stop();
}

/** Opens the signer on a database, with the state that is in the folder, and lends it. */
async function withSigner<T>(on: TestDatabase, use: (signer: Signer) => Promise<T>): Promise<T> {
  const { db: read } = openReadPool({ url: (role) => on.url(role), onError: () => {} });
  try {
    const signer = await openSigner({
      keyOf,
      origin: "shop.example/log",
      stateFile: join(folder, "signer", "state.json"),
      read,
      pool: on.pool("gatehouse_sequencer"),
      clock: systemClock,
    });
    return await use(signer);
  } finally {
    await read.destroy();
  }
}

const decide = async (on: TestDatabase, signer: Signer) => {
  const fork = signer.fork;
  if (fork === undefined) throw new Error("there is no fork to decide");
  // As the four-eyes command does it, seen from below the door.
  await on.owner.query("ALTER TABLE audit.fork DISABLE TRIGGER USER");
  await on.owner.query("INSERT INTO audit.fork VALUES ($1, $2, $3, $4, $5, $6, 'e1.restored', now())", [
    uuidv7(),
    fork.origin,
    fork.signed.size,
    fork.signed.root,
    fork.tree.size,
    fork.successor,
  ]);
};

describe("the signer", () => {
  test("signs the tree of the bodies, under the log's name, and remembers what it signed", async () => {
    await grow(db, 300);
    const note = await withSigner(db, async (signer) => await signer.sign());
    const { root } = await checkLog(db);
    expect(readCheckpoint(Buffer.from(note ?? ""), keyOf("shop.example/log").key)).toMatchObject({
      origin: "shop.example/log",
      size: 300,
      root,
    });
    const state = await readSignerState(join(folder, "signer", "state.json"));
    expect(state?.signed).toMatchObject({ size: 300, root: root.toString("base64") });
    const kept = await db.owner.query<{ note: string }>("SELECT note FROM audit.checkpoint");
    expect(kept.rows).toEqual([{ note }]);
  });

  test("signs nothing for an empty log, and the same note again for the same tree", async () => {
    expect(await withSigner(db, async (signer) => await signer.sign())).toBeUndefined();
    await grow(db, 5);
    const [first, second] = await withSigner(db, async (signer) => [
      await signer.sign(),
      await signer.sign(),
    ]);
    expect(second).toBe(first);
  });

  test("refuses a database that was restored to an earlier day, and says which range is lost", async () => {
    await grow(db, 100);
    await using backup = await copyOf(db);
    await withSigner(db, async (signer) => await signer.sign());
    await grow(db, 50);
    await withSigner(db, async (signer) => await signer.sign());
    await withSigner(backup, async (signer) => {
      expect(signer.fork).toMatchObject({ kind: "shrunk", signed: { size: 150 }, tree: { size: 100 } });
      expect(await signer.sign()).toBeUndefined();
    });
    const { rows } = await backup.owner.query<{ forked: { kind: string } }>("SELECT forked FROM audit.head");
    expect(rows[0]?.forked.kind).toBe("shrunk");
  });

  test("refuses a restored database that has grown past what was signed: a fork can be larger than the original", async () => {
    await grow(db, 100);
    await using backup = await copyOf(db);
    await grow(db, 10);
    await withSigner(db, async (signer) => await signer.sign());
    await grow(backup, 200);
    await withSigner(backup, async (signer) => {
      expect(signer.fork).toMatchObject({ kind: "changed", signed: { size: 110 }, tree: { size: 300 } });
      expect(await signer.sign()).toBeUndefined();
    });
  });

  test("goes on under a new name once people have decided, and never again under the old one", async () => {
    await grow(db, 20);
    await using backup = await copyOf(db);
    await grow(db, 20);
    await withSigner(db, async (signer) => await signer.sign());
    await withSigner(backup, async (signer) => {
      expect(await signer.recheck()).toBe(false);
      await decide(backup, signer);
      expect(await signer.recheck()).toBe(true);
      const note = await signer.sign();
      expect(note?.split("\n")[0]).toBe("shop.example/log/2");
    });
    const state = await readSignerState(join(folder, "signer", "state.json"));
    expect(state?.predecessor).toMatchObject({ origin: "shop.example/log", size: 40 });
    const { rows } = await backup.owner.query("SELECT forked FROM audit.head");
    expect(rows).toEqual([{ forked: null }]);
  });

  test("believes a witness that saw more than we have, also after a restart", async () => {
    await grow(db, 20);
    await withSigner(db, async (signer) => {
      await signer.contradicted({ size: 25, root: Buffer.alloc(32, 1) });
      expect(await signer.sign()).toBeUndefined();
    });
    await withSigner(db, async (signer) => {
      expect(signer.fork).toMatchObject({ kind: "shrunk", signed: { size: 25 } });
    });
  });

  test("a kill between its own memory of the decision and the head of the log leaves no console read-only", async () => {
    await grow(db, 20);
    await using backup = await copyOf(db);
    await grow(db, 20);
    await withSigner(db, async (signer) => await signer.sign());
    let forked: unknown;
    await withSigner(backup, async (signer) => {
      await decide(backup, signer);
      forked = signer.fork;
      await signer.recheck();
    });
    await backup.owner.query("UPDATE audit.head SET forked = $1", [JSON.stringify(forked)]);
    await withSigner(backup, async (signer) => expect(signer.origin).toBe("shop.example/log/2"));
    const { rows } = await backup.owner.query("SELECT forked FROM audit.head");
    expect(rows).toEqual([{ forked: null }]);
  });

  test("refuses a log that is not the one a witness cosigned, when its own memory came back with the disk", async () => {
    await grow(db, 50);
    const early = await withSigner(db, async (signer) => await signer.sign());
    const state = await readSignerState(join(folder, "signer", "state.json"));
    if (early === undefined || state === undefined) throw new Error("fifty events were signed");
    await using other = await copyOf(db);
    await grow(db, 10);
    const late = await withSigner(db, async (signer) => await signer.sign());
    await grow(other, 30);
    // The database that came back holds what the witness said about the other history.
    await other.owner.query("INSERT INTO audit.checkpoint VALUES ('shop.example/log', 60, $1, $2, now())", [
      readCheckpoint(Buffer.from(late ?? ""), keyOf("shop.example/log").key).root,
      late,
    ]);
    await other.owner.query(
      "INSERT INTO audit.cosignature VALUES ('shop.example/log', 60, 'witness', 'line', now())",
    );
    await writeSignerState(join(folder, "signer", "state.json"), state);
    await withSigner(other, async (signer) => {
      expect(signer.fork).toMatchObject({ kind: "changed", signed: { size: 60 }, tree: { size: 80 } });
      expect(await signer.sign()).toBeUndefined();
    });
  });

  test("without its state goes on from the checkpoints of its own key, and from nobody else's", async () => {
    await grow(db, 20);
    const note = await withSigner(db, async (signer) => await signer.sign());
    await rm(join(folder, "signer"), { recursive: true });
    await grow(db, 20);
    await withSigner(db, async (signer) => expect(await signer.sign()).not.toBe(note));
    await rm(join(folder, "signer"), { recursive: true });
    await db.owner.query("ALTER TABLE audit.checkpoint DISABLE TRIGGER USER");
    await db.owner.query("UPDATE audit.checkpoint SET note = replace(note, '— shop', '— flop')");
    await expect(withSigner(db, async () => {})).rejects.toThrow("not signed");
  });

  test("refuses to guess when its state is damaged", async () => {
    await grow(db, 1);
    await withSigner(db, async (signer) => await signer.sign());
    await writeFile(join(folder, "signer", "state.json"), '{"origin":"shop.example/log","signed":null');
    await expect(withSigner(db, async () => {})).rejects.toThrow("damaged");
  });

  test("of many at once signs each tree once", async () => {
    await grow(db, 3);
    const notes = await withSigner(db, async (signer) => {
      return await Promise.all(Array.from({ length: 10 }, async () => await signer.sign()));
    });
    expect(new Set(notes).size).toBe(1);
  });

  test("names successors in a row", () => {
    expect(successorOf("shop.example/log")).toBe("shop.example/log/2");
    expect(successorOf("shop.example/log/9")).toBe("shop.example/log/10");
  });
});
