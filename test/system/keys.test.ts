import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { command } from "../../src/door/command.ts";
import type { Job } from "../../src/platform/module.ts";
import type { SealedCell } from "../../src/platform/vault/index.ts";
import { rewrapKeys, rotateKeys } from "../../src/system/keys/commands.ts";
import { rewrapJob } from "../../src/system/keys/jobs.ts";
import { keyStatus } from "../../src/system/keys/queries.ts";
import { jobsOn, until } from "../platform/jobs/bench.ts";
import { inQuery, profile } from "../platform/vault/support.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { type TestDoor, testDoor } from "../support/door.ts";

const PEOPLE = 2_300; // five steps of at most 500
let cells: SealedCell[];
const fill = command({
  name: "t.fill",
  input: z.strictObject({}),
  async run({ tx, vault }) {
    const values = Array.from({ length: PEOPLE }, (_, i) =>
      profile({ plain: `+86138${String(i).padStart(8, "0")}` }),
    );
    const envelopes = await vault.protectAll(tx, values);
    cells = values.map(({ plain: _, purpose: __, ...place }, at) => ({
      ...place,
      envelope: envelopes[at] ?? null,
    }));
    return {};
  },
});

let db: TestDatabase;
let t: TestDoor;
beforeAll(async () => {
  db = await testDatabase();
  t = await testDoor(db, { commands: [fill, rotateKeys, rewrapKeys] });
  await t.door.execute(fill, t.person("t.fill"), {});
});
afterAll(async () => {
  await t.close();
  await db.close();
});

const readable = async (some: readonly SealedCell[]) => {
  const masks = await inQuery(db.pool("gatehouse_reader"), async (tx) => await t.vault.mask(tx, some));
  return masks.filter((mask) => mask.state === "open").length;
};
const status = async () => await t.door.ask(keyStatus, t.person("keys.status"), {});

test("a rotation goes on over a stop in its middle, and everything stays readable all the while", async () => {
  const jobs = jobsOn(db, t.door);
  /** The real job, slowed down, so that there is a middle to stop in. */
  const slow: Job = {
    ...rewrapJob,
    run: async (work, payload) =>
      await rewrapJob.run(
        {
          ...work,
          door: {
            ...work.door,
            execute: async (...step) => {
              await delay(100);
              return await work.door.execute(...step);
            },
          },
        },
        payload,
      ),
  };
  const first = await jobs.work([slow]);
  const { value } = await t.door.execute(rotateKeys, t.person("keys.rotate"), { reason: "yearly" });
  first.wake();

  const stop = new AbortController();
  let reads = 0;
  let unread = 0;
  const reader = (async () => {
    for (let at = 0; !stop.signal.aborted; at = (at + 50) % PEOPLE) {
      const some = cells.slice(at, at + 50);
      unread += some.length - (await readable(some));
      reads += some.length;
    }
  })();

  await until(async () => ((await status()).rotations[0]?.done ?? 0) > 0);
  await first.stop();
  const [half] = (await status()).rotations;
  expect(half).toMatchObject({ state: "running", total: value.total });
  expect(half?.done).toBeLessThan(value.total);
  expect((await status()).counts.length).toBeGreaterThan(1);

  const second = await jobs.work([rewrapJob]);
  second.wake();
  await until(async () => (await status()).rotations[0]?.state === "finished");
  stop.abort();
  await reader;

  const after = await status();
  expect(after.counts).toEqual([
    { version: after.provider.version, state: "active", count: expect.any(Number) },
  ]);
  expect(after.rotations[0]).toMatchObject({ done: value.total, total: value.total });
  expect(reads).toBeGreaterThan(0);
  expect(unread).toBe(0);
  expect(await readable(cells)).toBe(PEOPLE);
  await until(async () => (await jobs.runs("keys.rewrap")).every((run) => run.state === "done"));
  await jobs.close();

  const steps = (await t.events()).filter((event) => event["action"] === "keys.rewrap");
  expect(steps.length).toBeGreaterThanOrEqual(5);
  expect(steps.at(-1)).toMatchObject({ facts: { state: "finished", done: value.total } });
}, 60_000);
