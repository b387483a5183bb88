import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { verifierSource } from "../../../src/platform/audit/bundle.ts";
import { verifyPath } from "../../../src/platform/audit/gatehouse-verify.ts";
import { ed25519Signer } from "../../../src/platform/audit/note.ts";
import { formatPolicy } from "../../../src/platform/audit/policy.ts";
import {
  bundleOf,
  changeByte,
  directoryOf,
  eventLog,
  fileOf,
  logSigner,
  packAnew,
  policy,
  restateManifest,
  unzip,
} from "./evidence.ts";
import { commitLog, details } from "./commitments.ts";
import { forkLog } from "./fork.ts";

const log = eventLog(1_000);
const given = { policy: Buffer.from(policy) };

/** A bundle of entries 100 to 799, with a checkpoint from before them and a witnessed one behind. */
const checkpoints = { first: await log.signed(90), last: await log.witnessed(900) };
const bundle = await bundleOf(log, 100, 800, { checkpoints });
const files = unzip(bundle);

const verifyFiles = async (changed: ReadonlyMap<string, Buffer>) =>
  verifyPath(await directoryOf(changed), given);
const withFile = (name: string, change: (content: string) => string) =>
  new Map([...files, [name, Buffer.from(change(files.get(name)?.toString() ?? ""))]]);
const withLines = (change: (lines: string[]) => string[]) =>
  restateManifest(
    withFile("entries.jsonl", (text) =>
      change(text.split("\n").slice(0, -1))
        .map((line) => `${line}\n`)
        .join(""),
    ),
  );

describe("an evidence bundle", () => {
  it("verifies, packed and unpacked, and says what it proves", async () => {
    for (const path of [await fileOf(bundle), await directoryOf(files)]) {
      const report = await verifyPath(path, given);
      expect(report).toMatchObject({
        exit: 0,
        trust: "given",
        origin: "mall.example/log",
        treeSize: 900,
        entries: 700,
        completeRange: { from: 100, to: 800 },
      });
      const passed = report.checks.filter(({ verdict }) => verdict === "pass").map(({ name }) => name);
      expect(passed.sort()).toEqual([
        "consistency",
        "files",
        "inclusion",
        "range",
        "signature",
        "witnesses",
        "writers",
      ]);
    }
  });

  it("verifies for any range of a tree of any size", async () => {
    const sizes = fc.tuple(fc.nat(999), fc.nat(999), fc.nat(999)).map((all) => all.toSorted((a, b) => a - b));
    await fc.assert(
      fc.asyncProperty(sizes, async ([from = 0, to = 0, size = 0]) => {
        const last = await log.witnessed(size + 1);
        const zip = await bundleOf(log, from, to + 1, {
          checkpoints: { last, first: await log.signed(from) },
        });
        const report = await verifyPath(await fileOf(zip), given);
        expect(report).toMatchObject({ exit: 0, completeRange: { from, to: to + 1 } });
      }),
      {
        numRuns: 30,
        examples: [[[0, 0, 0]], [[0, 255, 255]], [[256, 511, 767]], [[255, 256, 256]], [[0, 999, 999]]],
      },
    );
  });

  it("is trusted on its own keys only with a word of warning", async () => {
    expect(await verifyPath(await fileOf(bundle))).toMatchObject({ exit: 0, trust: "bundled" });
  });

  it("of chosen entries is authentic, and never complete", async () => {
    const chosen = [3, 250, 251, 777];
    const entries = async function* () {
      for (const index of chosen) yield* log.entries(index, index + 1);
    };
    const zip = await bundleOf(log, 0, 0, {
      content: { kind: "selection" },
      source: { entries: entries(), nodes: log.read },
      checkpoints,
    });
    const report = await verifyPath(await fileOf(zip), given);
    expect(report).toMatchObject({ exit: 0, entries: 4 });
    expect(report.completeRange).toBeUndefined();
    expect(report.checks.find(({ name }) => name === "range")).toMatchObject({ verdict: "none" });

    const unpacked = unzip(zip);
    const lines = unpacked.get("entries.jsonl")?.toString() ?? "";
    const altered = new Map([...unpacked, ["entries.jsonl", Buffer.from(lines.replace("reveal", "rescue"))]]);
    expect(await verifyFiles(restateManifest(altered))).toMatchObject({ exit: 1, firstBadIndex: 3 });
    const fewer = new Map([...unpacked].filter(([name]) => name !== "proofs/777.tlog-proof"));
    expect(await verifyFiles(restateManifest(fewer))).toMatchObject({ exit: 1 });
  });

  it("shows values behind commitments, and counts those that were erased", async () => {
    const last = await commitLog.witnessed(3);
    const make = (all: typeof details) =>
      bundleOf(commitLog, 0, 3, {
        checkpoints: { last },
        details: (async function* () {
          yield* all;
        })(),
      });
    const report = await verifyPath(await fileOf(await make(details)), given);
    expect(report.exit).toBe(0);
    expect(report.checks.find(({ name }) => name === "details")?.detail).toBe(
      "1 values laid open, 1 erased, 1 not disclosed",
    );
    for (const lie of [
      details.map((detail) => ("value" in detail ? { ...detail, value: "13900000000" } : detail)),
      [...details, { commit: "00".repeat(32), erased: true as const }],
    ])
      expect(await verifyPath(await fileOf(await make(lie)), given)).toMatchObject({ exit: 1 });
  });

  it("is refused when it is of less than was asked for", async () => {
    const path = await fileOf(bundle);
    expect(await verifyPath(path, { ...given, range: { from: 100, to: 800 } })).toMatchObject({ exit: 0 });
    expect(await verifyPath(path, { ...given, range: { from: 100, to: 801 } })).toMatchObject({ exit: 1 });
  });

  it("is not written with a hole, a doubled entry or a checkpoint that does not cover it", async () => {
    const hole = async function* () {
      yield* log.entries(100, 200);
      yield* log.entries(201, 800);
    };
    const short = log.entries(100, 799);
    for (const entries of [hole(), short])
      await expect(
        bundleOf(log, 100, 800, { checkpoints, source: { entries, nodes: log.read } }),
      ).rejects.toThrow(RangeError);
    await expect(bundleOf(log, 100, 901, { checkpoints })).rejects.toThrow(RangeError);
  });
});

describe("a bundle with one byte changed never verifies", () => {
  it("in any file of the unpacked bundle", async () => {
    const directory = await directoryOf(files);
    const names = [...files.keys()].sort();
    const place = fc.constantFrom(...names).chain((name) =>
      fc.record({
        name: fc.constant(name),
        at: fc.nat(Math.max((files.get(name)?.length ?? 1) - 1, 0)),
        change: fc.integer({ min: 1, max: 255 }),
      }),
    );
    const everyName = names.map((name): [{ name: string; at: number; change: number }] => [
      { name, at: 0, change: 1 },
    ]);
    await fc.assert(
      fc.asyncProperty(place, async ({ name, at, change }) => {
        const content = files.get(name) ?? Buffer.alloc(0);
        const changed = content.length === 0 ? Buffer.from([change]) : changeByte(content, at, change);
        await writeFile(join(directory, name), changed);
        expect((await verifyPath(directory, given)).exit).not.toBe(0);
        await writeFile(join(directory, name), content);
      }),
      { numRuns: 150, examples: everyName },
    );
  });

  it("anywhere in the zip, between the files too", async () => {
    const path = await fileOf(bundle);
    // Chance alone would rarely hit the records behind the files.
    const records = [...bundle.keys()].filter((at) => at > bundle.length - 4_000 && at % 23 === 0);
    await fc.assert(
      fc.asyncProperty(fc.nat(bundle.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        await writeFile(path, changeByte(bundle, at, change));
        expect((await verifyPath(path, given)).exit).not.toBe(0);
      }),
      { numRuns: 150, examples: records.map((at): [number, number] => [at, 1]) },
    );
  });

  it("nor with its tail cut, at any length, nor with bytes behind it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(bundle.length - 1), async (length) => {
        expect((await verifyPath(await fileOf(bundle.subarray(0, length)), given)).exit).not.toBe(0);
      }),
      { numRuns: 100 },
    );
    expect((await verifyPath(await fileOf(Buffer.concat([bundle, Buffer.from([0])])), given)).exit).toBe(3);
  });

  it("nor with a file too many, or one too few", async () => {
    expect((await verifyFiles(new Map([...files, ["notes.txt", Buffer.from("x")]]))).exit).toBe(1);
    for (const name of files.keys())
      expect(
        (await verifyFiles(new Map([...files].filter(([other]) => other !== name)))).exit,
        name,
      ).not.toBe(0);
  });
});

describe("a forger who restates the manifest is still found out", () => {
  it("altering an entry: the verifier names it", async () => {
    const forged = withLines((lines) => lines.with(423, lines[423]?.replace("reveal", "rescue") ?? ""));
    expect(await verifyFiles(forged)).toMatchObject({ exit: 1, firstBadIndex: 523 });
    expect(await verifyPath(await fileOf(await packAnew(forged)), given)).toMatchObject({
      exit: 1,
      firstBadIndex: 523,
    });
  });

  it("swapping two, doubling one, dropping one, cutting the tail, adding one", async () => {
    const exits = await Promise.all(
      [
        (lines: string[]) => lines.with(5, lines[6] ?? "").with(6, lines[5] ?? ""),
        (lines: string[]) => lines.toSpliced(5, 0, lines[5] ?? ""),
        (lines: string[]) => lines.toSpliced(5, 1),
        (lines: string[]) => lines.slice(0, -1),
        (lines: string[]) => [...lines, log.bodies[800]?.toString() ?? ""],
        (lines: string[]) => lines.toReversed(),
        () => [],
      ].map(async (change) => verifyFiles(withLines(change))),
    );
    expect(exits.map(({ exit, firstBadIndex }) => [exit, firstBadIndex])).toEqual([
      [1, 105],
      [1, 106],
      [1, 105],
      [1, 799],
      [1, 800],
      [1, 100],
      [1, 100],
    ]);
  });

  it("claiming another range for the same entries", async () => {
    for (const [from, to] of [
      [100, 799],
      [101, 801],
      [99, 800],
      [0, 700],
    ]) {
      const forged = withFile("query.json", (text) =>
        text.replace('"from":100', `"from":${from}`).replace('"to":800', `"to":${to}`),
      );
      expect((await verifyFiles(restateManifest(forged))).exit).not.toBe(0);
    }
  });

  it("altering a leaf hash together with its entry", async () => {
    const forgery = await bundleOf(eventLog(1_000), 100, 800, { checkpoints });
    const tile = "tiles/0/001";
    const forged = unzip(forgery);
    const hashes = forged.get(tile) ?? Buffer.alloc(0);
    expect(
      await verifyFiles(restateManifest(new Map([...forged, [tile, changeByte(hashes, 77, 4)]]))),
    ).toMatchObject({
      exit: 1,
      firstBadIndex: 256,
    });
  });

  it("putting the history of a fork in place of the signed one", async () => {
    const fork = await bundleOf(forkLog, 100, 800, {
      checkpoints: { first: checkpoints.first, last: await forkLog.witnessed(900) },
    });
    const report = await verifyPath(await fileOf(fork), given);
    expect(report.exit).toBe(1);
    expect(report.checks.find(({ name }) => name === "consistency")).toMatchObject({ verdict: "fail" });

    const swapped = new Map([
      ...unzip(fork),
      ["checkpoints/last", files.get("checkpoints/last") ?? Buffer.alloc(0)],
    ]);
    expect((await verifyFiles(restateManifest(swapped))).exit).toBe(1);
  });

  it("rolling back: a last checkpoint older than the first", async () => {
    const rolled = restateManifest(
      new Map([...files, ["checkpoints/first", Buffer.from(await log.signed(950))]]),
    );
    expect((await verifyFiles(rolled)).exit).toBe(1);
  });

  it("signing with another key, or without the witnesses", async () => {
    const path = await fileOf(
      await bundleOf(log, 100, 800, { checkpoints: { last: await log.signed(900) } }),
    );
    const report = await verifyPath(path, given);
    expect(report).toMatchObject({ exit: 2, completeRange: { from: 100, to: 800 } });
    expect(report.checks.find(({ name }) => name === "witnesses")).toMatchObject({ verdict: "unknown" });

    const stranger = ed25519Signer(logSigner.key.name, Buffer.alloc(32, 77));
    const strangers = Buffer.from(formatPolicy([stranger.key], [], 0));
    expect((await verifyPath(await fileOf(bundle), { policy: strangers })).exit).toBe(2);
  });
});

describe("a hostile archive is refused", () => {
  it("when it names files outside of the bundle, or one twice", async () => {
    for (const name of [
      "../policy.tlog-policy",
      "/etc/passwd",
      "a\\b",
      "C:x",
      "tiles/../x",
      ".hidden",
      "a//b",
      "x/",
    ])
      expect(
        (await verifyPath(await fileOf(await packAnew(new Map([...files, [name, Buffer.from("x")]]))), given))
          .exit,
      ).toBe(3);
    const twice = Buffer.from(
      bundle.toString("latin1").replaceAll("reviews.jsonl", "entries.jsonl"),
      "latin1",
    );
    expect((await verifyPath(await fileOf(twice), given)).exit).toBe(3);
  });

  it("when it was packed by another program, though its contents are still looked at", async () => {
    const foreign = (zip: Buffer) => {
      const bare = Buffer.from(zip.subarray(0, -71));
      bare.writeUInt16LE(0, bare.length - 2);
      return fileOf(bare);
    };
    const report = await verifyPath(await foreign(bundle), given);
    expect(report).toMatchObject({ exit: 3, completeRange: { from: 100, to: 800 } });
    const altered = await packAnew(withLines((lines) => lines.toSpliced(9, 1)));
    expect(await verifyPath(await foreign(altered), given)).toMatchObject({ exit: 1, firstBadIndex: 109 });
  });

  it("when a file unfolds into more than it says, without unfolding it", async () => {
    const bomb = Buffer.from(bundle);
    const at = bomb.lastIndexOf("entries.jsonl") - 46;
    bomb.writeUInt32LE(1_000, at + 24);
    expect((await verifyPath(await fileOf(bomb), given)).exit).not.toBe(0);
  });

  it("when it is no archive at all", async () => {
    for (const content of ["", "PK", "PK\u0005\u0006", "nonsense", "c2sp.org/tlog-proof@v1\n"])
      expect((await verifyPath(await fileOf(content), given)).exit).toBe(3);
    expect(
      (await verifyPath(await directoryOf(new Map([["manifest.json", Buffer.from("{}")]])), given)).exit,
    ).toBe(3);
  });
});

describe("gatehouse-verify as a program", () => {
  const run = promisify(execFile);
  let program: string;
  beforeAll(async () => {
    program = await fileOf(await verifierSource(), "gatehouse-verify.mjs");
  });

  const exitOf = async (...args: string[]): Promise<{ code: number; text: string }> => {
    try {
      return { code: 0, text: (await run(process.execPath, [program, ...args])).stdout };
    } catch (error) {
      const { code, stdout } = Object(error);
      return { code, text: String(stdout) };
    }
  };

  it("runs alone, far from this repository, and is inside every bundle", async () => {
    expect(files.get("gatehouse-verify.mjs")).toEqual(await verifierSource());
    const own = join(await directoryOf(files), "..", "policy");
    await writeFile(own, policy);
    const { code, text } = await exitOf(await fileOf(bundle), "--policy", own);
    expect([code, text.split(" ")[0]]).toEqual([0, "VERIFIED"]);
  });

  it("says with its exit code what it found, and with words where", async () => {
    const forged = await directoryOf(withLines((lines) => lines.toSpliced(9, 1)));
    const tampered = await exitOf(forged);
    expect(tampered.code).toBe(1);
    expect(tampered.text).toContain("first bad entry: 109");
    const unwitnessed = await fileOf(
      await bundleOf(log, 0, 1, { checkpoints: { last: await log.signed(1) } }),
    );
    expect((await exitOf(unwitnessed)).code).toBe(2);
    expect((await exitOf(await fileOf("nonsense"))).code).toBe(3);
    expect((await exitOf("/nowhere")).code).toBe(3);
    expect((await exitOf("--no-such-option")).code).toBe(3);
    expect((await exitOf("--help")).code).toBe(0);
    expect(
      JSON.parse((await exitOf(await fileOf(bundle), "--json", "--range", "100-799")).text),
    ).toMatchObject({ exit: 0 });
  });
});
