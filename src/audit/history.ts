import { sql } from "kysely";
import { z } from "zod";
import { query } from "../door/command.ts";
import type { Tx } from "../door/tables.ts";
import { labelOf, nameOfActor } from "./called.ts";
import { Filter } from "./filter.ts";
import { countOverTime } from "./histogram.ts";
import { resolved } from "./resolve.ts";
import { pageOfEntries, PageOf } from "./search.ts";

const Word = Filter.shape.target.unwrap();

/** Everything about one object, which may be given by what people call it: a member's number, a login. */
export const objectHistory = query({
  name: "audit.object",
  input: z.strictObject({ type: Word, id: Word, page: PageOf.default({}) }),
  logged: ({ type, id }) => ({ target: [{ type, id }] }),
  async run({ tx, mallTimeZone, input: { type, page, ...input } }) {
    const { target: id = input.id } = await resolved(tx, { target: input.id });
    const found = await pageOfEntries(tx, { type, target: id }, mallTimeZone, page);
    return { ...found, id, label: await labelOf(tx, type, id) };
  },
});

/** Events that the summary of a person is made of. */
const SUMMED = 5_000;

/** Everything one person did, and what they did most lately. */
export const personHistory = query({
  name: "audit.person",
  input: z.strictObject({ id: Word, page: PageOf.default({}) }),
  logged: ({ id }) => ({ target: [{ type: "person", id }] }),
  async run({ tx, mallTimeZone, now, input: { page, ...input } }) {
    const { actor: id = input.id } = await resolved(tx, { actor: input.id });
    const filter = { actor: id };
    return {
      id,
      label: await nameOfActor(tx, id),
      ...(await pageOfEntries(tx, filter, mallTimeZone, page)),
      histogram: await countOverTime(tx, filter, mallTimeZone, now),
      actions: await mostFrequent(tx, id),
    };
  },
});

async function mostFrequent(tx: Tx, actor: string): Promise<{ action: string; events: number }[]> {
  const { rows } = await sql<{ action: string; events: number }>`
    SELECT action, count(*)::float8 AS events
    FROM (SELECT action FROM audit.log WHERE actor_id = ${actor} ORDER BY idx DESC LIMIT ${SUMMED}) AS newest
    GROUP BY action ORDER BY events DESC, action LIMIT 10`.execute(tx);
  return rows;
}

/** Looks at a person's data that a page shows at once; the summary counts all of them. */
const LOOKS = 200;

/**
 * What is a look at a member's data: every reading of it, and the file that takes all of it out, which is no reading by
 * its kind. Looking at the log is none.
 */
const isLook = sql`(l.crud = 'r' OR l.action = 'members.export.download') AND l.category <> 'audit'`;

/** Reveals that are older than the naming of their field among the event's fields have it among their facts. */
const namesField = sql`convert_from(l.body, 'UTF8')::jsonb->'facts' ? 'field'`;

/**
 * Who saw one member's data: when, what, and for which purpose. The looks hold those that were refused as well, with
 * their outcome and without a field, because what a refusal names is what was typed wrong; the summary counts only
 * those that showed something.
 */
export const seenBy = query({
  name: "audit.seen",
  input: z.strictObject({ id: Word }),
  logged: ({ id }) => ({ target: [{ type: "member", id }] }),
  async run({ tx, input: { id } }) {
    const { rows } = await sql<{
      idx: number;
      at: Date;
      action: string;
      outcome: string;
      actor: string;
      display: string;
      purpose: string | null;
      fields: string[];
    }>`
      SELECT l.idx::float8 AS idx, l.at, l.action, l.outcome, l.actor_id AS actor,
             convert_from(l.body, 'UTF8')::jsonb->'actor'->>'display' AS display, l.purpose,
             CASE WHEN l.outcome <> 'success' THEN '{}'::text[] ELSE ARRAY(
               SELECT f.field FROM audit.log_field f WHERE f.month = l.month AND f.idx = l.idx AND f.field <> ''
               UNION SELECT convert_from(l.body, 'UTF8')::jsonb->'facts'->>'field' WHERE ${namesField}
             ) END AS fields
      FROM audit.log_target t JOIN audit.log l ON l.month = t.month AND l.idx = t.idx
      WHERE t.target_type = 'member' AND t.target_id = ${id} AND ${isLook}
      ORDER BY t.idx DESC LIMIT ${LOOKS}`.execute(tx);
    const people = await sql<{ actor: string; looks: number; last: Date }>`
      SELECT l.actor_id AS actor, count(*)::float8 AS looks, max(l.at) AS last
      FROM audit.log_target t JOIN audit.log l ON l.month = t.month AND l.idx = t.idx
      WHERE t.target_type = 'member' AND t.target_id = ${id} AND ${isLook}
        AND l.outcome = 'success'
      GROUP BY l.actor_id ORDER BY looks DESC, last DESC LIMIT 50`.execute(tx);
    return { looks: rows, people: people.rows, label: await labelOf(tx, "member", id) };
  },
});
