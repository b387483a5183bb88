import { execFile } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/door/clock.ts";
import type { StagedEvent } from "../../../src/door/event.ts";
import { verifierSource } from "../../../src/platform/audit/bundle.ts";
import { exportBundle } from "../../../src/platform/audit/evidence.ts";
import { signCheckpoint } from "../../../src/platform/audit/checkpoint.ts";
import { ed25519Signer } from "../../../src/platform/audit/note.ts";
import { parsePolicy } from "../../../src/platform/audit/policy.ts";
import { type OpenAudit, openAudit } from "../../../src/platform/audit/service.ts";
import { verifyDatabase } from "../../../src/platform/audit/verify-database.ts";
import { parseWitnesses } from "../../../src/platform/audit/witnessing.ts";
import { startWitness } from "../../../src/platform/witness/index.ts";
import { openReadPool, openSequencerPool } from "../../../src/platform/database/index.ts";
import { anEvent, auditDatabase, eventually } from "../../support/audit.ts";
import { copyOf, type TestDatabase } from "../../support/audit-copy.ts";
import { type FakeWitness, fakeWitness } from "../../support/fake-witness.ts";

const seed = Buffer.alloc(32, 3);

let db: TestDatabase;
let folder: string;
let witness: FakeWitness;
beforeEach(async () => {
  db = await auditDatabase();
  folder = await mkdtemp(join(tmpdir(), "gatehouse-audit-"));
  witness = fakeWitness();
});
afterEach(async () => {
  await db.close();
  await rm(folder, { recursive: true });
});

type Reader = ReturnType<typeof openReadPool>["db"];

/** The audit log of a console on a database, as the composition root opens it. */
async function withAudit(
  on: TestDatabase,
  use: (audit: OpenAudit, read: Reader) => Promise<void>,
  by: Pick<FakeWitness, "address" | "post"> = witness,
): Promise<void> {
  const ignore = () => {};
  const read = openReadPool({ url: (role) => on.url(role), onError: ignore });
  const sequencerPool = openSequencerPool({ url: (role) => on.url(role), onError: ignore });
  const audit = await openAudit({
    appUrl: on.url("gatehouse_app"),
    sequencerPool,
    read: read.db,
    clock: systemClock,
    dataDir: folder,
    seed,
    origin: "shop.example/log",
    witnesses: [by.address],
    post: by.post,
    anonymousPerMinute: () => 10,
    signEverySeconds: () => 1,
    onError: ignore,
  });
  try {
    await use(audit, read.db);
  } finally {
    await audit.stop();
    await Promise.all([read.db.destroy(), sequencerPool.end()]);
  }
}

const commit = async (on: TestDatabase, audit: OpenAudit, events: readonly StagedEvent[]) => {
  const staging = audit.log.prepare(events);
  await on.pool("gatehouse_app").query(staging.statement);
  staging.committed();
};
const some = (n: number) => Array.from({ length: n }, () => anEvent());
const policyOf = (audit: OpenAudit, quorum = 1) =>
  parsePolicy(Buffer.from(audit.trustPolicy(["shop.example/log"], quorum)));

/** Until this process leads, nothing can be settled. */
const ready = async (audit: OpenAudit) =>
  await eventually("this process signs", async () => audit.signing !== undefined);

describe("the log of a running console", () => {
  test("is signed and witnessed by itself within seconds, and at once when something grave happens", async () => {
    await withAudit(db, async (audit) => {
      await ready(audit);
      await commit(db, audit, some(3));
      await eventually("it is witnessed", async () => witness.seen.get("shop.example/log")?.size === 3);
      const before = performance.now();
      await commit(db, audit, [anEvent({ severity: 4 })]);
      await eventually("it is witnessed again", async () => witness.seen.get("shop.example/log")?.size === 4);
      expect(performance.now() - before).toBeLessThan(900);
    });
  });

  test("verifies, with integrity and completeness apart", async () => {
    await withAudit(db, async (audit, read) => {
      await ready(audit);
      await commit(db, audit, some(600));
      audit.log.prepare(some(2)).lost();
      await commit(db, audit, some(1));
      await audit.settle();
      await eventually("it is witnessed", async () => witness.seen.get("shop.example/log")?.size === 602);
      expect(await verifyDatabase(read, policyOf(audit))).toMatchObject({
        exit: 0,
        size: 602,
        integrity: { verdict: "verified" },
        completeness: { verdict: "complete", writers: { voided: 2, gaps: [] } },
        witnesses: { quorumMet: true },
      });
      // Another log's key is no key of ours.
      const stranger = audit.trustPolicy(["other.example/log"], 0);
      expect(await verifyDatabase(read, parsePolicy(Buffer.from(stranger)))).toMatchObject({ exit: 2 });
    });
  });

  test("with fewer witnesses than the quorum it is not verifiable, however many are named: nothing is lowered", async () => {
    await withAudit(db, async (audit, read) => {
      await ready(audit);
      await commit(db, audit, some(3));
      await audit.settle();
      await eventually("it is witnessed", async () => witness.seen.get("shop.example/log")?.size === 3);
      expect(await verifyDatabase(read, policyOf(audit, 1))).toMatchObject({ exit: 0 });
      expect(await verifyDatabase(read, policyOf(audit, 2))).toMatchObject({
        exit: 2,
        integrity: { verdict: "verified" },
        witnesses: { seen: [{ name: "witness-1" }], quorumMet: false },
      });
    });
  });

  test("a superuser who changes, removes or cuts off entries is told on by the verification, with the index", async () => {
    await withAudit(db, async (audit, read) => {
      await ready(audit);
      await commit(db, audit, some(300));
      await audit.settle();
      await db.owner.query("ALTER TABLE audit.log DISABLE TRIGGER USER");
      const { rows } = await db.owner.query<{ part: string }>(
        "SELECT relid::regclass::text AS part FROM pg_partition_tree('audit.log') WHERE isleaf ORDER BY 1 LIMIT 1",
      );
      await db.owner.query(`ALTER TABLE ${rows[0]?.part} DISABLE TRIGGER USER`);
      const policy = policyOf(audit, 0);

      const change = "UPDATE audit.log SET body = overlay(body PLACING $1::bytea FROM 10) WHERE idx = 123";
      const { rows: kept } = await db.owner.query<{ body: Buffer }>(
        "SELECT body FROM audit.log WHERE idx = 123",
      );
      await db.owner.query(change, [Buffer.from("x")]);
      expect(await verifyDatabase(read, policy)).toMatchObject({
        exit: 1,
        integrity: { verdict: "tampered", firstBad: 123 },
      });
      await db.owner.query("UPDATE audit.log SET body = $1 WHERE idx = 123", [kept[0]?.body]);
      expect(await verifyDatabase(read, policy)).toMatchObject({ exit: 0 });

      await db.owner.query("DELETE FROM audit.log WHERE idx >= 290");
      expect(await verifyDatabase(read, policy)).toMatchObject({
        exit: 1,
        integrity: { verdict: "tampered", firstBad: 290 },
      });
    });
  });

  test("an evidence bundle of a range is verified by the shipped file alone, and a changed log gives none", async () => {
    await withAudit(db, async (audit, read) => {
      await ready(audit);
      await commit(db, audit, some(700));
      await audit.settle();
      await eventually("it is witnessed", async () => witness.seen.get("shop.example/log")?.size === 700);
      const policy = audit.trustPolicy(["shop.example/log"], 1);
      const [bundle, verifier, trusted] = ["bundle.zip", "verify.mjs", "trusted.policy"].map((name) =>
        join(folder, name),
      );
      if (!bundle || !verifier || !trusted) throw new Error("three names were given");
      await exportBundle(createWriteStream(bundle), read, {
        content: { from: 100, to: 600 },
        policy,
        query: { by: "auditor", at: "2026-03-01T10:00:00.000Z" },
      });
      await writeFile(verifier, await verifierSource());
      await writeFile(trusted, policy);
      const run = promisify(execFile);
      const { stdout } = await run(process.execPath, [verifier, bundle, "--policy", trusted, "--json"]);
      expect(JSON.parse(stdout)).toMatchObject({
        exit: 0,
        completeRange: { from: 100, to: 600 },
        entries: 500,
      });
      // One witness more than there are: the same file proves nothing any more.
      await writeFile(trusted, audit.trustPolicy(["shop.example/log"], 2));
      const missed = run(process.execPath, [verifier, bundle, "--policy", trusted]);
      await expect(missed).rejects.toMatchObject({ code: 2 });
    });
  });

  test("restored from a backup, with the signer's memory restored as well, a witness tells", async () => {
    await withAudit(db, async (audit) => {
      await ready(audit);
      await commit(db, audit, some(50));
      await audit.settle();
      await eventually("it is witnessed", async () => witness.seen.get("shop.example/log")?.size === 50);
    });
    const kept = join(folder, "kept");
    await promisify(execFile)("cp", ["-a", join(folder, "signer"), kept]);
    await using backup = await copyOf(db);
    await withAudit(db, async (audit) => {
      await ready(audit);
      await commit(db, audit, some(50));
      await audit.settle();
      await eventually(
        "it is witnessed",
        async () => (witness.seen.get("shop.example/log")?.size ?? 0) >= 100,
      );
    });
    await rm(join(folder, "signer"), { recursive: true });
    await promisify(execFile)("cp", ["-a", kept, join(folder, "signer")]);
    const slow: Pick<FakeWitness, "address" | "post"> = {
      address: witness.address,
      post: async (url, body) => {
        await delay(200);
        return await witness.post(url, body);
      },
    };
    await withAudit(
      backup,
      async (audit, read) => {
        // at once: not a single command comes in, and nothing is signed, before the witness was heard
        expect(audit.frozen()).toBe("log_forked");
        expect(audit.fork).toMatchObject({ kind: "shrunk", origin: "shop.example/log" });
        const signed = await read
          .selectFrom("audit.checkpoint")
          .select("size")
          .orderBy("size", "desc")
          .execute();
        expect(signed[0]?.size).toBe(50n);
      },
      slow,
    );
  });

  test("says what a witness contradicts, and goes on, while that witness shows nothing that both signed", async () => {
    let answer = { status: 409, text: "1000000\n" };
    let shown = "";
    let asked = 0;
    const liar: Pick<FakeWitness, "address" | "post"> = {
      address: witness.address,
      async post(url) {
        if (!url.endsWith("/latest-checkpoint")) return answer;
        asked += 1;
        return { status: 200, text: shown };
      },
    };
    await withAudit(
      db,
      async (audit) => {
        await ready(audit);
        const disagrees = async () => audit.witnesses[0]?.answer === "disagrees";
        await commit(db, audit, some(3));
        await audit.settle();
        await eventually("the status says so", disagrees);
        // a checkpoint of that size, by a key that is neither the log's nor the witness's
        const stranger = ed25519Signer("shop.example/log", Buffer.alloc(32, 77));
        shown = await signCheckpoint({ size: 1_000_000, root: Buffer.alloc(32) }, stranger);
        answer = { status: 422, text: "" };
        asked = 0;
        await commit(db, audit, some(3));
        await audit.settle();
        await eventually("it is asked again", async () => asked > 0);
        await delay(100); // for what comes of it
        expect(await disagrees()).toBe(true);
        expect(audit.frozen()).toBeNull();
      },
      liar,
    );
  });

  test("lets nothing in while the signer cannot tell what was signed", async () => {
    await mkdir(join(folder, "signer"));
    await writeFile(join(folder, "signer", "state.json"), "{");
    await withAudit(db, async (audit) => {
      expect(audit.frozen()).toBe("log_starting");
      await rm(join(folder, "signer", "state.json"));
      await eventually("it is looked at again", async () => audit.frozen() === null);
    });
  });

  test("does not wait at its start for a witness that never answers", async () => {
    await withAudit(db, async (audit) => {
      await ready(audit);
      await commit(db, audit, some(3));
      await audit.settle();
    });
    const before = performance.now();
    const hanging = {
      address: witness.address,
      post: async () => await delay(5_000, { status: 500, text: "" }),
    };
    await withAudit(
      db,
      async (audit) => {
        expect(performance.now() - before).toBeLessThan(4_500);
        expect(audit.frozen()).toBeNull();
      },
      hanging,
    );
  });

  test("goes on while its witness is away, and catches up when it is back", async () => {
    witness.down = true;
    await withAudit(db, async (audit) => {
      await ready(audit);
      await commit(db, audit, some(2));
      await audit.settle();
      witness.down = false;
      await commit(db, audit, some(2));
      await eventually("it is witnessed", async () => witness.seen.get("shop.example/log")?.size === 4);
      expect(audit.frozen()).toBeNull();
    });
  });

  test("is cosigned by our own witness program, over HTTP", async () => {
    const program = await startWitness({
      stateDir: join(folder, "witness"),
      name: "witness.example/gatehouse",
      logs: [ed25519Signer("shop.example/log", seed).key],
      clock: systemClock,
      listen: { host: "127.0.0.1", port: 0 },
    });
    const [address] = parseWitnesses(`${program.address} ${program.vkey}`);
    if (address === undefined) throw new Error("one witness was given");
    const post: FakeWitness["post"] = async (url, body) => {
      const answer = await fetch(url, { method: "POST", body });
      return { status: answer.status, text: await answer.text() };
    };
    try {
      await withAudit(
        db,
        async (audit, read) => {
          await ready(audit);
          for (const n of [300, 1, 40]) {
            await commit(db, audit, some(n));
            await audit.settle();
          }
          await eventually("all of it is witnessed", async () => {
            const report = await verifyDatabase(read, policyOf(audit));
            return report.exit === 0 && report.size === 341 && report.witnesses.seen.length === 1;
          });
        },
        { address, post },
      );
    } finally {
      await program.close();
    }
  });

  test("two histories of one size cannot both be witnessed: the second is read-only", async () => {
    await using backup = await copyOf(db);
    await withAudit(db, async (audit) => {
      await ready(audit);
      await commit(db, audit, some(5));
      await eventually("it is witnessed", async () => witness.seen.get("shop.example/log")?.size === 5);
    });
    await rm(join(folder, "signer"), { recursive: true });
    await withAudit(backup, async (audit) => {
      await ready(audit);
      await commit(backup, audit, some(9));
      await audit.settle();
      await eventually("the console is read-only", async () => audit.frozen() === "log_forked");
    });
  });
});
