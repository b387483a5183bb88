import { sql } from "kysely";
import type { Tx } from "../door/tables.ts";

/** Events of an object that are looked at for what it is called: not every event says it, the newest that does is right. */
const LOOKED_AT = 200;

/** What the log calls an object, a member by the number on the card; null where no event says it. */
export async function labelOf(tx: Tx, type: string, id: string): Promise<string | null> {
  if (type === "staff" || type === "person") return await nameOfActor(tx, id);
  const { rows } = await sql<{ label: string }>`
    WITH newest AS MATERIALIZED (
      SELECT month, idx FROM audit.log_target WHERE target_type = ${type} AND target_id = ${id}
      ORDER BY idx DESC LIMIT ${LOOKED_AT}
    )
    SELECT t->>'label' AS label FROM newest
    JOIN audit.log l ON l.month = newest.month AND l.idx = newest.idx,
         jsonb_array_elements(convert_from(l.body, 'UTF8')::jsonb->'target') AS t
    WHERE t->>'type' = ${type} AND t->>'id' = ${id} AND t->>'label' IS NOT NULL
    ORDER BY l.idx DESC LIMIT 1`.execute(tx);
  return rows[0]?.label ?? null;
}

/** The login of a colleague; of anything else that acts, the name under which it did so last. */
export async function nameOfActor(tx: Tx, id: string): Promise<string | null> {
  const { rows } = await sql<{ name: string }>`
    SELECT login AS name FROM access.person WHERE id::text = ${id}
    UNION ALL
    (SELECT convert_from(body, 'UTF8')::jsonb->'actor'->>'display' FROM audit.log
     WHERE actor_id = ${id} ORDER BY idx DESC LIMIT 1)
    LIMIT 1`.execute(tx);
  return rows[0]?.name || null;
}
