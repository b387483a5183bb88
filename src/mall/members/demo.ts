import { createHash } from "node:crypto";
import type { Credential } from "../../door/actor.ts";
import { uuidv7 } from "../../door/ids.ts";
import type { DemoWorld } from "../../platform/module.ts";
import { demoFile, demoPeople } from "./demo-people.ts";
import { edit } from "./edit.ts";
import { check, start, upload } from "./import/commands.ts";
import { importReport } from "./import/queries.ts";
import { chunk } from "./import/step.ts";
import { list, type ListRow } from "./list.ts";
import { freezeReasons, returnReasons, type Tier } from "./model.ts";
import { recordConsent } from "./consents.ts";
import { view } from "./queries.ts";
import { review } from "./review.ts";
import { freeze } from "./standing.ts";

const MEMBERS = 2_000;
/** The newest stay in the review queue, so that there is something to do. */
const UNREVIEWED = 60;
/** Commands sent at once: as many as the write pool comfortably carries. */
const AT_ONCE = 8;

/**
 * Two thousand members in both scripts, brought in by an import and then lived with: most reviewed, some returned, some
 * frozen, some of them gold; one import that was refused and one that waits for its start.
 */
export async function demo(world: DemoWorld): Promise<void> {
  const operations = await world.as("ma.jun");
  const reviewer = await world.as("gao.fei");
  const people = demoPeople(MEMBERS, world.now);
  await importFile(world, operations, demoFile(people), true);

  const members = await allMembers(world, operations);
  const reviewed = members.slice(UNREVIEWED);
  await each(reviewed, async (row, at) => await reviewOne(world, reviewer, row, at));
  await each(
    reviewed.filter((_, at) => at % 9 === 4),
    async (row, at) => await promote(world, operations, row, at),
  );
  await each(
    reviewed.filter((_, at) => at % 150 === 7),
    async (row, at) => await freezeOne(world, operations, row, at),
  );
  await each(
    reviewed.filter((_, at) => at % 40 === 3),
    async (row) => await agree(world, operations, row),
  );

  const header = demoFile([]).trim();
  await importFile(world, operations, header.replace("birth_date", "password"), false);
  await importFile(world, operations, troubledFile(world.now), false);
}

/** Takes a file through its dry run and, when wanted, through the import itself. */
async function importFile({ door }: DemoWorld, who: Credential, text: string, run: boolean): Promise<void> {
  const id = uuidv7();
  const bytes = Buffer.from(text);
  const piece = 400_000;
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  for (let at = 0, no = 0; at < bytes.length; at += piece, no += 1) {
    const last = at + piece >= bytes.length ? { sha256, encoding: "utf-8" } : null;
    await door.execute(upload, who, {
      import: id,
      no,
      bytes: bytes.subarray(at, at + piece).toString("base64"),
      last,
    });
  }
  await door.execute(check, who, { import: id });
  await work(door, id);
  if (!run) return;
  const { import: checked } = await door.ask(importReport, who, { import: id });
  await door.execute(start, who, { import: id, version: checked.version });
  await work(door, id);
}

async function work(door: DemoWorld["door"], id: string): Promise<void> {
  const scheduler = { type: "scheduler", job: "members.import" } as const;
  while ((await door.execute(chunk, scheduler, { import: id })).value.more);
}

async function allMembers({ door }: DemoWorld, who: Credential): Promise<ListRow[]> {
  const all: ListRow[] = [];
  for (let after: string | undefined; ; ) {
    const page = await door.ask(list, who, { page: after === undefined ? {} : { after } });
    all.push(...page.rows);
    if (page.next === undefined) return all;
    after = page.next;
  }
}

async function reviewOne({ door }: DemoWorld, who: Credential, row: ListRow, at: number): Promise<void> {
  const target = { member: row.id, version: row.version };
  const reason = returnReasons[at % returnReasons.length];
  await door.execute(
    review,
    who,
    at % 45 === 11 ? { ...target, decision: "return", reason } : { ...target, decision: "approve" },
  );
}

async function promote({ door }: DemoWorld, who: Credential, row: ListRow, at: number): Promise<void> {
  const better: readonly Tier[] = ["silver", "silver", "gold", "silver", "gold", "platinum"];
  const empty = { name: null, phone: null, email: null, sex: null, birth_date: null };
  const tier = better[at % better.length];
  await door.execute(edit, who, { member: row.id, version: row.version + 1, ...empty, tier });
}

async function freezeOne(world: DemoWorld, who: Credential, row: ListRow, at: number): Promise<void> {
  const reason = freezeReasons[at % freezeReasons.length];
  const { member } = await world.door.ask(view, who, { member: row.id });
  await world.door.execute(freeze, who, { member: row.id, version: member.version, reason });
}

async function agree({ door }: DemoWorld, who: Credential, row: ListRow): Promise<void> {
  await door.execute(recordConsent, who, {
    member: row.id,
    purpose: "profiling",
    granted: true,
    channel: "phone",
  });
}

/** A file that a shop might really send: some rows right, some not. */
function troubledFile(now: Date): string {
  const good = demoPeople(30, now, 90_000);
  const [first, second, third] = good;
  if (first === undefined || second === undefined || third === undefined) return demoFile(good);
  const bad = [
    { ...first, member_no: "G190901", phone: "1380013" },
    { ...second, member_no: "G190902", birth_date: "1990-02-31" },
    { ...third, member_no: "G190903", name: "=HYPERLINK(A1)" },
    { ...first, member_no: first.member_no },
  ];
  return demoFile([...good, ...bad]);
}

/** Does something for each, some at a time. */
async function each<T>(items: readonly T[], act: (item: T, at: number) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += AT_ONCE) {
    await Promise.all(items.slice(at, at + AT_ONCE).map(async (item, i) => await act(item, at + i)));
  }
}
