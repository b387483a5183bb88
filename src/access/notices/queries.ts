import { z } from "zod";
import { command, query } from "../../door/command.ts";
import { Id } from "../../door/ids.ts";

/** What the console has told this person and they have not read, newest first. */
export const notices = query({
  name: "staff.notices",
  input: z.strictObject({}),
  async run({ tx, actor }) {
    const rows = await tx
      .selectFrom("access.notice")
      .select(["id", "kind", "facts", "href", "at"])
      .where("person_id", "=", actor.id)
      .where("read_at", "is", null)
      .orderBy("at", "desc")
      .limit(20)
      .execute();
    return rows.map((row) => ({ ...row, facts: Facts.parse(row.facts) }));
  },
});

const Facts = z.record(z.string(), z.union([z.string(), z.number()]));
export type NoticeRow = Awaited<ReturnType<(typeof notices)["run"]>>[number];

/** Puts a notice away; without an id, all of them. */
export const readNotices = command({
  name: "staff.notices.read",
  input: z.strictObject({ id: Id.optional() }),
  severity: 0,
  async run({ tx, actor, input, record, now }) {
    let reading = tx
      .updateTable("access.notice")
      .set({ read_at: now })
      .where("person_id", "=", actor.id)
      .where("read_at", "is", null);
    if (input.id !== undefined) reading = reading.where("id", "=", input.id);
    record.target({ type: "staff", id: actor.id, label: actor.display });
    record.fact("read", Number((await reading.executeTakeFirst()).numUpdatedRows));
  },
});
