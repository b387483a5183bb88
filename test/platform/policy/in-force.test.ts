import { createHash, randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openReadPool } from "../../../src/platform/database/index.ts";
import {
  findShipped,
  policyInForce,
  readShipped,
  shippedErrors,
  takeInPolicies,
} from "../../../src/platform/policy/index.ts";
import { LARGEST_FILE } from "../../../src/platform/policy/shipped.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { type TestDoor, testDoor } from "../../support/door.ts";
import { accessText, documentText, minutes, vocabulary } from "./files.ts";

let db: TestDatabase;
let t: TestDoor;
let read: ReturnType<typeof openReadPool>;
let root: string;
beforeAll(async () => {
  db = await testDatabase();
  t = await testDoor(db, { commands: [takeInPolicies] });
  read = openReadPool({ url: (role) => db.url(role), onError: () => {} });
});
afterAll(async () => {
  await read.db.destroy();
  await t.close();
  await db.close();
});
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "gatehouse-policies-"));
  await mkdir(join(root, "policies/documents"), { recursive: true });
  await put("access.yaml", accessText);
  await put("documents/POL-GOODS.md", documentText);
  return async () => await rm(root, { recursive: true });
});

const put = async (path: string, content: string | Uint8Array) =>
  await writeFile(join(root, "policies", path), content);
const start = async () => policyInForce(await findShipped(root), vocabulary);
const scheduler = { type: "scheduler", job: "policies.take_in" } as const;
const takeIn = async () => {
  const files = (await findShipped(root)).files.map(({ document, version, sha256, text }) => ({
    document,
    version,
    sha256: sha256.toString("hex"),
    text,
  }));
  return (await t.door.execute(takeInPolicies, scheduler, { files })).value;
};
const goodsWith = (value: number) => documentText.replace("reveal_minutes: 10", `reveal_minutes: ${value}`);
/** Publishes a version, as the review of a draft will. */
const publish = async (text: string, from: string) => {
  await db.owner.query("ALTER TABLE policy.version DISABLE TRIGGER through_the_door");
  await db.owner.query(
    `INSERT INTO policy.version (id, document, version, sha256, source, state, effective_from, imported_at)
     VALUES ($1, 'POL-GOODS', '1.1.0', $2, $3, 'published', now() + $4::interval, now())`,
    [randomUUID(), createHash("sha256").update(text).digest(), Buffer.from(text), from],
  );
  await db.owner.query("ALTER TABLE policy.version ENABLE TRIGGER through_the_door");
};

describe("the first start", () => {
  test("is refused with a bad file, and with one that cannot be read", async () => {
    await put("documents/POL-GOODS.md", documentText.replace("effective:", "colour: red\neffective:"));
    await expect((await start())(read.db)).rejects.toThrow("POL-GOODS.md:7: unknown key colour");
    await put("documents/POL-GOODS.md", Buffer.from([0x2d, 0xff, 0xfe]));
    await expect((await start())(read.db)).rejects.toThrow("POL-GOODS.md:1: is not UTF-8");
    await put("documents/POL-GOODS.md", "x".repeat(LARGEST_FILE + 1));
    await expect((await start())(read.db)).rejects.toThrow("is larger than 1000000 bytes");
    await rm(join(root, "policies/access.yaml"));
    await expect((await start())(read.db)).rejects.toThrow("access.yaml:1: cannot be read");
  });

  test("takes the files in, in force and byte for byte", async () => {
    await put("documents/POL-GOODS.md", `\uFEFF${documentText.replaceAll("\n", "\r\n")}`);
    expect(await takeIn()).toEqual({ taken: ["access", "POL-GOODS"], state: "published" });
    const { rows } = await db.owner.query<{ source: Buffer; sha256: Buffer }>(
      "SELECT source, sha256 FROM policy.version WHERE document = 'POL-GOODS'",
    );
    const [file] = (await readShipped(root)).filter((f) => f.document === "POL-GOODS");
    expect(rows[0]?.source.toString()).toBe(file?.text);
    expect(rows[0]?.sha256).toEqual(file?.sha256);
    expect((await (await start())(read.db)).params(minutes)).toBe(10);
  });

  test("at the same time in two processes takes them in once", async () => {
    const other = await testDatabase();
    const two = await Promise.all([
      testDoor(other, { commands: [takeInPolicies] }),
      testDoor(other, { commands: [takeInPolicies] }),
    ]);
    const files = (await readShipped(root)).map(({ document, version, sha256, text }) => ({
      document,
      version,
      sha256: sha256.toString("hex"),
      text,
    }));
    await Promise.all(two.map(async ({ door }) => await door.execute(takeInPolicies, scheduler, { files })));
    const { rows } = await other.owner.query("SELECT state FROM policy.version");
    expect(rows).toEqual([{ state: "published" }, { state: "published" }]);
    await Promise.all(two.map(async (door) => await door.close()));
    await other.close();
  });
});

describe("later", () => {
  test("a changed file is a draft, and what was in force stays in force", async () => {
    await put("documents/POL-GOODS.md", goodsWith(20));
    expect(await takeIn()).toMatchObject({ taken: ["POL-GOODS"], state: "draft" });
    expect(await takeIn()).toMatchObject({ taken: [] });
    expect((await (await start())(read.db)).params(minutes)).toBe(10);
  });

  test("a bad file is listed with its line and stops nothing", async () => {
    await put("access.yaml", accessText.replace("- goods.edit", "- goods.eat"));
    await put("documents/POL-GOODS.md", documentText.replace("reveal_minutes: 10", "reveal_minutes: 99"));
    await put("documents/POL-HUGE.md", "x".repeat(LARGEST_FILE + 1));
    const found = await findShipped(root);
    expect(shippedErrors(found, vocabulary).map((e) => `${e.file}:${e.line}`)).toEqual([
      "policies/documents/POL-HUGE.md:1",
      "policies/access.yaml:13",
      "policies/documents/POL-GOODS.md:9",
    ]);
    await takeIn();
    expect((await (await start())(read.db)).params(minutes)).toBe(10);
  });

  test("a policies folder that is gone altogether stops nothing either", async () => {
    await rm(join(root, "policies"), { recursive: true });
    expect((await (await start())(read.db)).params(minutes)).toBe(10);
    await mkdir(join(root, "policies/documents"), { recursive: true });
  });

  test("a text that is not the one of its digest is refused", async () => {
    const file = { document: "POL-GOODS", version: "1.0.0", sha256: "0".repeat(64), text: "x" };
    await expect(t.door.execute(takeInPolicies, scheduler, { files: [file] })).rejects.toMatchObject({
      code: "policy_digest",
    });
  });

  test("a version is obeyed from its moment by database time, by every process, without a restart", async () => {
    const processes = [await start(), await start()];
    const values = async () =>
      await Promise.all(processes.map(async (rules) => (await rules(read.db)).params(minutes)));
    await publish(goodsWith(15), "1.5 seconds");
    expect(await values()).toEqual([10, 10]);
    await db.owner.query("SELECT pg_sleep(1.6)");
    expect(await values()).toEqual([15, 15]);
    // one compiled set serves the whole process: asked twice, the same object
    const [rules] = processes;
    expect(await rules?.(read.db)).toBe(await rules?.(read.db));
  });
});
