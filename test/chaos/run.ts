import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Inspection, openInspection } from "./checks.ts";
import { Client } from "./client.ts";
import { killPostgres, sweepPostgres, type Target, targets } from "./processes.ts";

/** Work before a kill, in milliseconds. */
const WORK_MS = { least: 250, most: 1_800 };
/** Answers given before the kill that are asked for once more after it. */
const REPLAYS = 8;
/** Imports that a killed worker had in hand go on when its lease has ended; this is as long as they may take. */
const IMPORTS_MS = 120_000;
/** Ranges of killed writers are closed when their locks were free for a while. */
const WRITERS_MS = 60_000;

export interface Options {
  rounds: number;
  /** The compiled victim. */
  program: string;
  print(line: string): void;
  /** Only these; all in turn unless said. */
  targets?: readonly Target[];
}

export interface Summary {
  violations: string[];
  /** Milliseconds from the start of a killed console's successor to "ready", by round. */
  restarts: number[];
  /** Milliseconds from the kill of a server under a living console to the next acknowledged command, by round. */
  recoveries: number[];
  acknowledged: number;
  /** Attempts in the air at a kill: how many turned out to have happened, how many were done anew, how many refused. */
  inTheAir: { landed: number; anew: number; refused: number };
  replayed: number;
  entries: number;
  tally: { action: string; outcome: string; n: number }[];
}

/** Kills, starts again and looks, so many times; then waits for rest and looks at everything once more. */
export async function chaos({
  rounds,
  program,
  print,
  targets: chosen = targets,
}: Options): Promise<Summary> {
  const dataDir = await mkdtemp(join(tmpdir(), `gatehouse-chaos-${process.pid}-`));
  const client = new Client(program, dataDir);
  const made: Summary = {
    violations: [],
    restarts: [],
    recoveries: [],
    acknowledged: 0,
    inTheAir: { landed: 0, anew: 0, refused: 0 },
    replayed: 0,
    entries: 0,
    tally: [],
  };
  try {
    await client.start();
    for (let round = 1; round <= rounds; round += 1) {
      const target = chosen[(round - 1) % chosen.length] ?? "console";
      const faults = await oneRound(client, dataDir, target, made);
      made.violations.push(...faults.map((fault) => `round ${round} (${target}): ${fault}`));
      print(line(round, target, client, made, faults));
    }
    made.violations.push(...(await atRest(client, dataDir, made)));
    await client.leave();
    return made;
  } finally {
    await client.kill();
    await sweepPostgres(dataDir);
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function oneRound(client: Client, dataDir: string, target: Target, made: Summary): Promise<string[]> {
  client.work();
  await client.nextDone(); // the kill meets work that is going on
  await delay(WORK_MS.least + Math.random() * (WORK_MS.most - WORK_MS.least));

  if (target === "console" || target === "everything") {
    if (target === "everything") await killPostgres(dataDir, "everything");
    await client.kill();
    made.restarts.push(await client.start());
  } else {
    const killed = performance.now();
    await killPostgres(dataDir, target);
    await client.nextWhole();
    made.recoveries.push(performance.now() - killed);
    await client.pause();
  }
  await takeUp(client, made);
  const faults = await askAgain(client, made);
  const policy = await client.settle();
  const inspection = await openInspection(dataDir);
  try {
    faults.push(...(await inspection.broken(client.told())), ...(await inspection.signer()));
    const { faults: unverified, size } = await inspection.verified(policy);
    made.entries = size;
    made.acknowledged = client.acknowledged.size;
    return [...faults, ...unverified, ...client.takeBroken()];
  } finally {
    await inspection.close();
  }
}

/** What was in the air at the kill is sent again under its key: it is done exactly once, whether or not it had landed. */
async function takeUp(client: Client, made: Summary): Promise<void> {
  for (const attempt of client.inTheAir()) {
    const answer = await client.perform(attempt);
    if (answer.say !== "done") made.inTheAir.refused += 1;
    else if (!answer.replayed) made.inTheAir.anew += 1;
  }
  made.inTheAir.landed = client.landed;
}

/** What was answered is answered the same again. */
async function askAgain(client: Client, made: Summary): Promise<string[]> {
  const faults: string[] = [];
  for (const { attempt, answer } of client.sample(REPLAYS)) {
    const again = await client.perform(attempt);
    made.replayed += 1;
    const same =
      again.say === "done" &&
      again.replayed &&
      again.commandId === answer.commandId &&
      JSON.stringify(again.value) === JSON.stringify(answer.value);
    if (!same)
      faults.push(`${attempt.command} was answered otherwise when asked again: ${JSON.stringify(again)}`);
  }
  return faults;
}

/** When nothing is under way any more: imports are at their end, the ranges of all writers closed, no gap is left. */
async function atRest(client: Client, dataDir: string, made: Summary): Promise<string[]> {
  await client.pause();
  const inspection = await openInspection(dataDir);
  try {
    const imports = await until(IMPORTS_MS, async () => (await inspection.unfinished()).imports === 0);
    const writers = await until(WRITERS_MS, async () => (await inspection.openWriters()) <= 1);
    const policy = await client.settle();
    const { faults, size, gaps } = await inspection.verified(policy);
    made.entries = size;
    made.tally = await inspection.tally();
    const { failed } = await inspection.unfinished();
    return [
      ...faults,
      ...(await lastLook(inspection, client)),
      ...(imports ? [] : ["an import was not taken up again"]),
      ...(writers ? [] : ["the range of a killed writer was not closed"]),
      ...(gaps === 0 ? [] : [`${gaps} gaps in the numbers of writers were not closed`]),
      ...(failed === 0 ? [] : [`${failed} jobs were given up`]),
    ].map((fault) => `at rest: ${fault}`);
  } finally {
    await inspection.close();
  }
}

async function lastLook(inspection: Inspection, client: Client): Promise<string[]> {
  return [
    ...(await inspection.broken(client.told())),
    ...(await inspection.signer()),
    ...client.takeBroken(),
  ];
}

async function until(ms: number, holds: () => Promise<boolean>): Promise<boolean> {
  const limit = performance.now() + ms;
  while (performance.now() < limit) {
    if (await holds()) return true;
    await delay(250);
  }
  return false;
}

function line(round: number, target: Target, client: Client, made: Summary, faults: string[]): string {
  const took =
    target === "console" || target === "everything"
      ? `ready again after ${Math.round(made.restarts.at(-1) ?? 0)} ms`
      : `answers again after ${Math.round(made.recoveries.at(-1) ?? 0)} ms`;
  const state = faults.length === 0 ? "holds" : `BROKEN\n    ${faults.join("\n    ")}`;
  return [
    String(round).padStart(4),
    target.padEnd(10),
    took.padEnd(32),
    `${client.acknowledged.size} acknowledged`.padEnd(20),
    `${made.entries} entries`.padEnd(16),
    state,
  ].join("  ");
}
