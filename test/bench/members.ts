import { randomUUID } from "node:crypto";
import { list } from "../../src/mall/members/list.ts";
import { check, start, upload } from "../../src/mall/members/import/commands.ts";
import { importColumns } from "../../src/mall/members/import/columns.ts";
import { commands } from "../../src/mall/members/commands.ts";
import { chunk } from "../../src/mall/members/import/step.ts";
import { takeFile } from "../../src/mall/members/import/upload.ts";
import { importReport } from "../../src/mall/members/import/queries.ts";
import { cloneDatabase } from "../support/clone.ts";
import { type TestDoor, testDoor } from "../support/door.ts";
import { startTestServer } from "../support/server.ts";

const MEMBERS = 100_000;
/** Pages asked for, at random depths of the list. */
const PAGES = 400;
const LIST_P95_MS = 30;
const RSS_MB = 200;

/** Values as shipped, as far as these commands read them. */
const params = {
  import_max_megabytes: 200,
  member_min_age: 14,
  privacy_notice_version: "2026-01",
  statistics_min_cell: 10,
};

/** Imports 100,000 members as a file that streams in, and reads the list with its masks. */
export async function run() {
  const server = await startTestServer({ durable: true });
  const db = await cloneDatabase(server);
  const world = await testDoor(db, { commands, params });
  try {
    const peak = watchMemory();
    const imported = await importAll(world);
    const top = peak();
    const { p95, median } = await readPages(world);
    return [
      {
        name: "import of 100,000 members: megabytes of the process at its peak",
        ratio: top,
        limit: RSS_MB,
        passed: top <= RSS_MB,
        detail: `${Math.round(imported.rate)} rows a second, dry run and import together ${Math.round(imported.seconds)} s; one piece of the file in memory`,
      },
      {
        name: "list of 50 members with masks among 100,000: milliseconds at the 95th percentile",
        ratio: p95,
        limit: LIST_P95_MS,
        passed: p95 <= LIST_P95_MS,
        detail: `median ${median.toFixed(1)} ms, ${PAGES} pages at random depths`,
      },
    ];
  } finally {
    await world.close();
    await db.close();
    await server.stop();
  }
}

async function importAll({ door, person }: TestDoor) {
  const clerk = person(
    "members.import.upload",
    "members.import.check",
    "members.import.start",
    "members.import.report",
  );
  const scheduler = { type: "scheduler", job: "members.import" } as const;
  const began = performance.now();
  const { import: id } = await takeFile(
    { chunks: rows(), sum: () => ({ sha256: "0".repeat(64) }) },
    async (piece) => door.execute(upload, clerk, piece),
    async () => {},
  );
  await door.execute(check, clerk, { import: id });
  while ((await door.execute(chunk, scheduler, { import: id })).value.more);
  const { import: checked } = await door.ask(importReport, clerk, { import: id });
  const ran = performance.now();
  await door.execute(start, clerk, { import: id, version: checked.version });
  while ((await door.execute(chunk, scheduler, { import: id })).value.more);
  const { import: done } = await door.ask(importReport, clerk, { import: id });
  if (done.created !== MEMBERS) throw new Error(`${String(done.created)} of ${MEMBERS} members were created`);
  return {
    rate: MEMBERS / ((performance.now() - ran) / 1_000),
    seconds: (performance.now() - began) / 1_000,
  };
}

/** The file, made while it is read: nobody holds the whole of it. */
async function* rows(): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${importColumns.join(",")}\n`);
  for (let at = 0; at < MEMBERS; at += 500) {
    const lines = Array.from({ length: 500 }, (_, i) => {
      const n = at + i;
      const day = `${2020 + (n % 6)}-${String(1 + (n % 12)).padStart(2, "0")}-${String(1 + (n % 28)).padStart(2, "0")}`;
      const phone = `136${String(n).padStart(8, "0")}`;
      return `B${n + 100_000},王小${String.fromCodePoint(0x4e00 + (n % 5_000))},${phone},b${n}@example.com,男,1980-01-01,${day},service@2026-01`;
    });
    yield Buffer.from(`${lines.join("\n")}\n`);
  }
}

async function readPages({ door, person }: TestDoor) {
  const reader = person("members.list");
  const times: number[] = [];
  let after: string | undefined;
  for (let n = 0; n < PAGES; n += 1) {
    const began = performance.now();
    const page = await door.ask(list, reader, { page: after === undefined ? {} : { after } });
    times.push(performance.now() - began);
    after = n % 40 === 39 ? deepCursor(n) : page.next;
  }
  times.sort((a, b) => a - b);
  return { median: times[PAGES / 2] ?? 0, p95: times[Math.floor(PAGES * 0.95)] ?? 0 };
}

/** Somewhere in the years that the file covers. */
function deepCursor(n: number): string {
  const at = Date.UTC(2020 + (n % 6), n % 12, 15);
  return Buffer.from(JSON.stringify([at, randomUUID()])).toString("base64url");
}

/** The highest resident size while something goes on, in megabytes. */
function watchMemory(): () => number {
  let top = 0;
  const look = () => {
    top = Math.max(top, process.memoryUsage.rss() / 1_000_000);
  };
  const timer = setInterval(look, 50);
  return () => {
    clearInterval(timer);
    look();
    return Math.round(top);
  };
}
