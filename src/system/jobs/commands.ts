import { sql } from "kysely";
import { z } from "zod";
import { command } from "../../door/command.ts";
import { Id } from "../../door/ids.ts";
import { Refusal } from "../../door/refusal.ts";

/** Gives a failed run another set of attempts. Refuses `conflict` when it is not failed any more. */
export const retryJob = command({
  name: "jobs.retry",
  input: z.strictObject({ run: Id }),
  target: (input) => ({ type: "job_run", id: input.run }),
  async run({ tx, input, record }) {
    const run = await tx
      .selectFrom("jobs.run")
      .select(["job", "state"])
      .where("id", "=", input.run)
      .executeTakeFirst();
    if (run === undefined) throw new Refusal("not-found", "job_run");
    const again = await sql<{ again: boolean }>`SELECT jobs.try_again(${input.run}) AS again`.execute(tx);
    if (again.rows[0]?.again !== true) throw new Refusal("conflict", "job_not_failed");
    record.target({ type: "job_run", id: input.run, label: run.job });
    record.change("state", run.state, "due");
    return {};
  },
});
