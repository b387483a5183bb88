import type { Pool, PoolClient, QueryConfig } from "pg";

/** PostgreSQL's own word for "come back later". */
const CANNOT_CONNECT_NOW = "57P03";

/** What a statement ends with when the server or the way to it is gone: SQLSTATE classes and codes of the system. */
const LOST = /^(08|57P0)|^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT)$/;

/**
 * The pool as the library of the queue needs it. After "cannot connect now" it waits and tries again; after any other
 * loss of the database, at the moment when it closes a job, it rejects where nobody listens, which ends the process. So
 * every loss is reported as that one.
 */
export function patient(pool: Pool): Pool {
  const lend = async () => {
    const client: PoolClient = await pool.connect().catch(comeBackLater);
    return forwarding(client, {
      query: async (statement: string | QueryConfig, values?: unknown[]) =>
        await client.query(statement, values).catch(comeBackLater),
    });
  };
  return forwarding(pool, {
    // with a callback it asks for the connection that listens, and tries again by itself whatever the loss
    connect: (callback?: Parameters<Pool["connect"]>[0]) =>
      callback === undefined ? lend() : pool.connect(callback),
  });
}

function comeBackLater(error: unknown): never {
  if (!isLoss(error)) throw error;
  throw Object.assign(new Error("the database is away", { cause: error }), { code: CANNOT_CONNECT_NOW });
}

/** A server that says that it is going, a system that finds no way, or the driver's own words for a silent end. */
function isLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error) return LOST.test(String(error.code));
  return /^Connection terminated|^timeout/i.test(error.message);
}

/** The same object with some methods replaced; everything else works on the original. */
function forwarding<T extends object>(target: T, replaced: Readonly<Record<string, unknown>>): T {
  return new Proxy(target, {
    get(_, name) {
      if (typeof name === "string" && Object.hasOwn(replaced, name)) return replaced[name];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
