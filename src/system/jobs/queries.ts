import { z } from "zod";
import { Id } from "../../door/ids.ts";
import { query } from "../../door/command.ts";

export const jobStates = ["due", "running", "done", "failed"] as const;
export type JobState = (typeof jobStates)[number];

const PAGE = 50;

export const listJobs = query({
  name: "jobs.list",
  input: z.strictObject({
    state: z.enum(jobStates).optional(),
    /** Id of the last row of the page before. */
    after: Id.optional(),
  }),
  async run({ tx, input }) {
    const start =
      input.after === undefined
        ? undefined
        : await tx
            .selectFrom("jobs.run")
            .select(["created_at", "id"])
            .where("id", "=", input.after)
            .executeTakeFirst();
    const rows = await tx
      .selectFrom("jobs.run")
      .select([
        "id",
        "job",
        "state",
        "attempts",
        "last_error",
        "due_at",
        "created_at",
        "started_at",
        "finished_at",
      ])
      .$if(input.state !== undefined, (q) => q.where("state", "=", input.state ?? "due"))
      .$if(start !== undefined, (q) =>
        q.where((e) =>
          e(e.refTuple("created_at", "id"), "<", e.tuple(start?.created_at ?? new Date(0), start?.id ?? "")),
        ),
      )
      .orderBy("created_at", "desc")
      .orderBy("id", "desc")
      .limit(PAGE + 1)
      .execute();
    const counts = await tx
      .selectFrom("jobs.run")
      .select((e) => ["state", e.fn.countAll<bigint>().as("count")])
      .where("state", "<>", "done")
      .groupBy("state")
      .execute();
    return {
      rows: rows.slice(0, PAGE),
      next: rows.length > PAGE ? rows[PAGE - 1]?.id : undefined,
      counts: Object.fromEntries(counts.map((row) => [row.state, Number(row.count)])),
    };
  },
});

export type JobPage = Awaited<ReturnType<typeof listJobs.run>>;
export type JobRow = JobPage["rows"][number];
