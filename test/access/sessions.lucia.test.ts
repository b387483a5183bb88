import { randomUUID } from "node:crypto";
import { describe } from "vitest";
import type { Connection } from "../../src/door/ports.ts";
import type { Tx } from "../../src/door/tables.ts";
import { over } from "../../src/door/transaction.ts";
import * as sessions from "../../src/access/sessions.ts";
import { sessionContract } from "./sessions.contract.ts";
import type { World } from "./world.ts";

/** A transaction with its command and its event, as the door opens them. */
async function inTransaction<R>(world: World, work: (tx: Tx) => Promise<R>): Promise<R> {
  const connection: Connection = await world.db.pool("gatehouse_app").connect();
  try {
    await connection.query("BEGIN");
    await connection.query({
      text: "INSERT INTO door.command (id, name, actor_type, actor_id, input_digest) VALUES ($1, 'test', 'user', 'test', '')",
      values: [randomUUID()],
    });
    const result = await work(over(connection));
    await connection.query({
      text: "INSERT INTO audit.stage (writer, writer_seq, body) VALUES ($1, 1, '{}')",
      values: [randomUUID()],
    });
    await connection.query("COMMIT");
    return result;
  } finally {
    connection.release();
  }
}

describe("lucia behind its seam keeps the contract", () => {
  sessionContract(sessions, inTransaction);
});
