// A whole console, without its server, that does mixed work until it is killed. Argument: its data directory.
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { Refusal } from "../../src/door/refusal.ts";
import { readAnswer } from "./answer.ts";
import type { Attempt, Line, Order } from "./protocol.ts";
import { nextAttempt } from "./work.ts";
import { openWorld } from "./world.ts";

/** Clients at work at the same time. */
const CLIENTS = 8;
/** Until an attempt without an answer is made again. */
const AGAIN_MS = 50;

/** A pipe is written at once on every system we know: what was said was heard, whatever happens next. */
const say = (line: Line) => void process.stdout.write(`${JSON.stringify(line)}\n`);
const broken = (error: unknown) => {
  say({ say: "broken", error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
};
process.on("unhandledRejection", broken);

const world = await openWorld(process.argv[2] ?? "", broken);
const { console } = world;
const commands = new Map(console.modules.flatMap((module) => module.commands).map((c) => [c.name, c]));
const hands = { working: false, busy: 0 };

/** Sends a command until it is answered, under the same key, as a client would. */
async function perform(attempt: Attempt): Promise<void> {
  const found = commands.get(attempt.command);
  if (found === undefined) throw new Error(`there is no command ${attempt.command}`);
  for (;;) {
    try {
      return say(await readAnswer(world, found, attempt));
    } catch (error) {
      // no answer, or no connection to look things up: whether it happened is not known
      if (error instanceof Refusal && error.kind !== "unavailable") return broken(error);
      await delay(AGAIN_MS);
    }
  }
}

async function client(): Promise<void> {
  for (;;) {
    if (!hands.working) {
      await delay(10);
      continue;
    }
    hands.busy += 1;
    try {
      const attempt = await nextAttempt(console.read).catch(() => null);
      if (attempt === null) {
        await delay(AGAIN_MS);
      } else {
        say({ say: "trying", attempt });
        await perform(attempt);
      }
    } finally {
      hands.busy -= 1;
    }
  }
}

async function obey(order: Order): Promise<void> {
  switch (order.do) {
    case "work":
      hands.working = true;
      return;
    case "pause":
      hands.working = false;
      while (hands.busy > 0) await delay(5);
      return say({ say: "paused" });
    case "settle":
      await console.audit.settle();
      return say({ say: "settled", policy: policy() });
    case "perform":
      return await perform(order.attempt);
  }
}

function policy(): string | null {
  const origin = console.audit.signing?.origin;
  return origin === undefined ? null : console.audit.trustPolicy([origin], 0);
}

await console.work();
for (let n = 0; n < CLIENTS; n += 1) client().catch(broken);
say({ say: "ready" });
// orders come from our own driver only
for await (const line of createInterface({ input: process.stdin })) {
  obey(JSON.parse(line) as Order).catch(broken);
}
process.exit(0); // the driver is gone
