import { type RawBuilder, sql } from "kysely";
import { z } from "zod";
import { command } from "../../door/command.ts";
import { historyDays, idempotencyHours } from "../params.ts";

const HOUR_MS = 3_600_000;

/**
 * Drops what is only history by now: rows of commands past the window in which their keys give the first result
 * again, runs of jobs that went well, effects that arrived, what is over of sessions, browsers, links and factors, exports
 * that nobody can fetch any more. The log keeps what they did.
 */
export const forgetHistory = command({
  name: "system.forget",
  input: z.strictObject({}),
  crud: "d",
  target: () => ({ type: "history", id: "door" }),
  async run({ tx, now, params, record }) {
    const hoursAgo = (hours: number) => new Date(now.getTime() - hours * HOUR_MS);
    const count = async (forget: RawBuilder<{ gone: bigint }>) =>
      Number((await forget.execute(tx)).rows[0]?.gone ?? 0);
    const keysEnd = hoursAgo(params(idempotencyHours));
    const historyEnds = hoursAgo(params(historyDays) * 24);
    const forgotten = {
      commands: await count(sql`SELECT door.forget_commands(${keysEnd}) AS gone`),
      runs: await count(sql`SELECT jobs.forget(${historyEnds}) AS gone`),
      effects: await count(sql`SELECT door.forget_effects(${historyEnds}) AS gone`),
      access: await count(sql`SELECT access.forget(${historyEnds}) AS gone`),
      exports: await count(sql`SELECT members.forget(${historyEnds}) AS gone`),
    };
    for (const [what, gone] of Object.entries(forgotten)) record.fact(what, gone);
    return forgotten;
  },
});
