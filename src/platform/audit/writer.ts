import { hostname } from "node:os";
import { Client } from "pg";
import { uuidv7 } from "../../door/ids.ts";

/** First key of the advisory locks that living writers hold; the second is taken from the writer's id. */
export const WRITER_LOCK = 71_172;

/** A process that numbers its events, and the connection whose life says that it is alive. */
export interface Writer {
  readonly id: string;
  readonly client: Client;
}

/**
 * Registers this process as a writer: a row, and a lock of the session that ends with the process, also when it is
 * killed. The sequencer closes the numbers of a writer whose lock is free.
 */
export async function registerWriter(url: string, onLost: (error: Error) => void): Promise<Writer> {
  const id = uuidv7();
  const client = new Client({
    connectionString: url,
    application_name: `gatehouse writer ${id.slice(-12)}`,
    keepAlive: true,
  });
  client.on("error", onLost);
  await client.connect();
  try {
    // The lock first: a row without its lock would look like a dead writer.
    await client.query("SELECT pg_advisory_lock($1, hashtext($2))", [WRITER_LOCK, id]);
    await client.query("INSERT INTO audit.writer (id, host, pid) VALUES ($1, $2, $3)", [
      id,
      hostname(),
      process.pid,
    ]);
  } catch (error) {
    await client.end();
    throw error;
  }
  return { id, client };
}
