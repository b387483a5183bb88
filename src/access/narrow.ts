import type { Result, Statement, WritePool } from "../door/ports.ts";

/** One statement on a connection of the write pool, outside commands: for the two narrow writers of this module only. */
export async function once(pool: WritePool, statement: Statement): Promise<Result> {
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
