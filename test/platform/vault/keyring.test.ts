import { createSecretKey } from "node:crypto";
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { uuidv7 } from "../../../src/door/ids.ts";
import { type Keyring, type KeyringOptions, openKeyring } from "../../../src/platform/vault/index.ts";
import { standingClock, tempDirectory } from "./support.ts";

let home: ReturnType<typeof tempDirectory>;
beforeEach(() => void (home = tempDirectory()));
afterEach(() => home.remove());

const clock = standingClock();
const start = async (passphrase?: string): Promise<Keyring> => {
  const options: KeyringOptions = { path: home.keyring, clock };
  return await openKeyring(passphrase === undefined ? options : { ...options, passphrase });
};
const bytes = Buffer.alloc(32, 7);
const dek = { dekId: uuidv7(), subject: uuidv7(), purpose: "profile", key: createSecretKey(bytes) } as const;
const wrapOne = async (ring: Keyring) => {
  const [wrapped] = await ring.wrap([dek]);
  if (wrapped === undefined) throw new Error("nothing was wrapped");
  return { ...dek, ...wrapped };
};

/** What unwrapping gives, as bytes that can be compared. */
const opened = async (ring: Keyring, ...wrapped: Awaited<ReturnType<typeof wrapOne>>[]) =>
  (await ring.unwrap(wrapped)).map((key) => key?.export());

test("the first start makes a keyring for its owner alone, and the next start opens the same", async () => {
  const first = await start();
  const wrapped = await wrapOne(first);
  const second = await start();
  expect(first.created).toBe(true);
  expect(second.created).toBe(false);
  expect(statSync(home.keyring).mode & 0o777).toBe(0o600);
  expect(readdirSync(home.path)).toEqual(["keyring.json"]);
  expect(await opened(second, wrapped)).toEqual([bytes]);
});

test("two processes that start at once agree on one keyring", async () => {
  const [a, b] = await Promise.all([start(), start()]);
  expect(a.describe().kekId).toBe(b.describe().kekId);
  expect([a, b].filter((ring) => ring.created)).toHaveLength(1);
  expect(a.derive("pepper")).toEqual(b.derive("pepper"));
});

test("derived secrets differ by label and stay the same", async () => {
  const ring = await start();
  expect(ring.derive("pepper")).toHaveLength(32);
  expect(ring.derive("pepper")).not.toEqual(ring.derive("index"));
  expect((await start()).derive("pepper")).toEqual(ring.derive("pepper"));
});

test.each([0o640, 0o604, 0o620, 0o666, 0o610])("a keyring of mode %o is refused", async (mode) => {
  await start();
  chmodSync(home.keyring, mode);
  await expect(start()).rejects.toThrow(/mode .* others may use it/);
});

test("a keyring behind a link is refused", async () => {
  const target = `${home.path}/elsewhere.json`;
  writeFileSync(target, "{}", { mode: 0o600 });
  symlinkSync(target, home.keyring);
  await expect(start()).rejects.toThrow(/cannot be opened/);
});

test("a damaged keyring is refused and left as it is, without being quoted", async () => {
  await start();
  const damaged = readFileSync(home.keyring, "utf8").slice(0, -40);
  writeFileSync(home.keyring, damaged);
  await expect(start()).rejects.toThrow(/is damaged; put the copy from your backup/);
  expect(readFileSync(home.keyring, "utf8")).toBe(damaged);
});

describe("with a passphrase", () => {
  test("the file shows no key, and describe says so", async () => {
    const ring = await start("correct horse");
    expect(ring.describe().protection).toBe("scrypt");
    expect(readFileSync(home.keyring, "utf8")).not.toContain("installSecret");
    expect((await start("correct horse")).derive("pepper")).toEqual(ring.derive("pepper"));
  });

  test("another passphrase, and none, are refused", async () => {
    await start("correct horse");
    await expect(start("wrong horse")).rejects.toThrow(/does not open with this KEYRING_PASSPHRASE/);
    await expect(start()).rejects.toThrow(/is sealed: set KEYRING_PASSPHRASE/);
  });

  test("a plain keyring is sealed at the next start, keys kept", async () => {
    const plain = await start();
    const wrapped = await wrapOne(plain);
    expect(plain.describe().protection).toBe("plain");
    const sealed = await start("correct horse");
    expect(readFileSync(home.keyring, "utf8")).not.toContain("installSecret");
    expect(await opened(sealed, wrapped)).toEqual([bytes]);
    await expect(start()).rejects.toThrow(/is sealed/);
  });
});

describe("wrapping", () => {
  test("binds a key to its id, its person and its purpose", async () => {
    const ring = await start();
    const wrapped = await wrapOne(ring);
    const moved = [
      { ...wrapped, dekId: uuidv7() },
      { ...wrapped, subject: uuidv7() },
      { ...wrapped, purpose: "trade" as const },
      { ...wrapped, wrapped: wrapped.wrapped.subarray(0, -4) },
      { ...wrapped, kekId: "another keyring" },
      { ...wrapped, kekVersion: 9 },
    ];
    expect(await ring.unwrap(moved)).toEqual(moved.map(() => null));
  });

  test("after a rotation uses the new version and still opens the old", async () => {
    const ring = await start("correct horse");
    const before = await wrapOne(ring);
    expect(await ring.rotate(1)).toBe(2);
    const after = await wrapOne(ring);
    expect([before.kekVersion, after.kekVersion]).toEqual([1, 2]);
    expect(await opened(await start("correct horse"), before, after)).toEqual([bytes, bytes]);
  });

  test("that is older than what is in use makes no number twice", async () => {
    const ring = await start();
    await expect(ring.rotate(5)).rejects.toThrow(/older than the database/);
    expect(ring.describe().version).toBe(1);
  });

  test("asked twice for a version above the same one makes one", async () => {
    const ring = await start();
    expect([await ring.rotate(1), await ring.rotate(1)]).toEqual([2, 2]);
    expect(ring.describe().versions.map((v) => v.version)).toEqual([1, 2]);
  });

  test("a process that runs on sees the version another one made", async () => {
    const [old, other] = [await start(), await start()];
    await other.rotate(1);
    const fresh = await wrapOne(other);
    expect(await opened(old, fresh)).toEqual([bytes]);
    expect((await wrapOne(old)).kekVersion).toBe(2);
  });
});

test("a keyring that vanished is an error, never a new keyring", async () => {
  const ring = await start();
  home.remove();
  await expect(ring.wrap([dek])).rejects.toThrow();
  expect(existsSync(home.keyring)).toBe(false);
  home = tempDirectory();
});
