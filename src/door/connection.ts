import type { Connection, DoorPorts } from "./ports.ts";
import { Refusal } from "./refusal.ts";

/** Lends a write connection; refuses `unavailable` while there is none. */
export async function connect(ports: DoorPorts): Promise<Connection> {
  try {
    return await ports.write.connect();
  } catch (cause) {
    throw new Refusal("unavailable", "database", { retryAfter: 2, cause });
  }
}

/** Undoes what was begun. Gives the error when the connection cannot even do that any more. */
export async function rollBack(connection: Connection): Promise<Error | undefined> {
  try {
    await connection.query("ROLLBACK");
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error("rollback failed");
  }
}

/** Waits for all, also when one fails: nothing may still be on the wire when the connection goes back. */
export async function all<T extends readonly unknown[]>(
  promises: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> {
  const settled = await Promise.allSettled(promises);
  for (const s of settled as readonly PromiseSettledResult<unknown>[])
    if (s.status === "rejected") throw s.reason;
  // every element is fulfilled, in the order of the promises
  return settled.map((s) => (s as PromiseFulfilledResult<unknown>).value) as unknown as T;
}
