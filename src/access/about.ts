import { sql } from "kysely";
import type { Tx } from "../door/tables.ts";

/**
 * Says whom the transaction is about. The database shows and changes password, factor and recovery codes of that person
 * only (row-level security). The door's look-up has said it of whoever acts; a command about somebody else says so
 * before it touches what is theirs, or it finds nothing.
 */
export async function about(tx: Tx, person: string): Promise<void> {
  await sql`SELECT set_config('gatehouse.about', ${person}, true)`.execute(tx);
}
