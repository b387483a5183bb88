import type { Clock } from "../door/clock.ts";
import type { Result, Statement, WritePool } from "../door/ports.ts";
import type { Vault } from "../platform/vault/index.ts";
import type { Narrow } from "./narrow-statement.ts";
import { type Throttle, throttleOn } from "./throttle.ts";
import { type TouchSession, touchSessionOn } from "./touch.ts";

/** The two functions of this module that write past the door, each to a table of its own that has no guard. */
export interface NarrowWriters {
  touchSession: TouchSession;
  throttle: Throttle;
}

/**
 * Binds the narrow writers to write connections. The composition root calls this, and what it gives is all that the
 * pages can reach: the pool itself would take any statement, and the tables without a guard would believe it.
 */
export function narrowWriters(pool: WritePool, vault: Pick<Vault, "digest">, clock: Clock): NarrowWriters {
  const narrow: Narrow = async (statement) => await once(pool, statement);
  return { touchSession: touchSessionOn(narrow), throttle: throttleOn(narrow, vault, clock) };
}

async function once(pool: WritePool, statement: Statement): Promise<Result> {
  const connection = await pool.connect();
  let broken: Error | undefined;
  try {
    return await connection.query(statement);
  } catch (error) {
    broken = error instanceof Error ? error : new Error("statement failed");
    throw error;
  } finally {
    connection.release(broken);
  }
}
