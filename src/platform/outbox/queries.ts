import { sql } from "kysely";
import { z } from "zod";
import { query } from "../../door/command.ts";

/** Effects handled in one go of the job. */
const BATCH = 100;

/** Ids of effects that are due now, the longest waiting first. For the job: nothing due leaves no trace. */
export const dueEffects = query({
  name: "outbox.due",
  input: z.strictObject({}),
  async run({ tx }) {
    const rows = await tx
      .selectFrom("door.outbox")
      .select("id")
      .where("state", "=", "due")
      .where("due_at", "<=", sql<Date>`now()`)
      .orderBy("due_at")
      .limit(BATCH)
      .execute();
    return rows.map((row) => row.id);
  },
});

/** Shown at once; whoever has more than these has one cause, not many. */
const SHOWN = 50;

/** Effects that wait for a person, the newest first. Never their bodies. */
export const failedEffects = query({
  name: "outbox.failed",
  input: z.strictObject({}),
  async run({ tx }) {
    return await tx
      .selectFrom("door.outbox")
      .select(["id", "kind", "attempts", "last_error", "created_at"])
      .where("state", "=", "failed")
      .orderBy("created_at", "desc")
      .orderBy("id", "desc")
      .limit(SHOWN)
      .execute();
  },
});

export type FailedEffect = Awaited<ReturnType<typeof failedEffects.run>>[number];
