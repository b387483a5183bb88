import { Kysely, PostgresDialect } from "kysely";
import { Pool, type PoolConfig } from "pg";
import type { Tables } from "../../door/tables.ts";
import { corkPerTurn } from "./cork.ts";
import { patient } from "./patient.ts";
import type { DatabaseRole } from "./roles.ts";
import { valueTypes } from "./types.ts";

export interface PoolOptions {
  /** The address of the database for a role. */
  readonly url: (role: DatabaseRole) => string;
  /** Told when an idle connection dies; the pool makes a new one by itself. */
  readonly onError: (error: Error, role: DatabaseRole) => void;
  /** Most connections at a time. */
  readonly max?: number;
}

/**
 * The only write connections there are. The composition root opens this pool and hands it to the door; a test
 * keeps every other file from importing this function. Pipeline mode: statements sent at once travel at once,
 * which lets an event ride with its commit in one round trip.
 */
export function openWritePool(options: PoolOptions): Pool {
  return open("gatehouse_app", { max: 16, ...options }, { pipeline: true });
}

/** Read-only connections for queries; their database role cannot write. Close with `pool.end()`. */
export function openReadPool(options: PoolOptions): { pool: Pool; db: Kysely<Tables> } {
  const pool = open("gatehouse_reader", { max: 8, ...options }, {});
  return { pool, db: new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }) };
}

/** For the sequencer, which moves staged events into the log. */
export function openSequencerPool(options: PoolOptions): Pool {
  return open("gatehouse_sequencer", { max: 3, ...options }, { pipeline: true });
}

/** For the job queue. It keeps the driver's own value types, which its library expects. */
export function openJobsPool(options: PoolOptions): Pool {
  return patient(open("gatehouse_jobs", { max: 5, ...options }, { types: undefined }));
}

function open(role: DatabaseRole, { url, onError, max }: PoolOptions, extra: PoolConfig): Pool {
  const pool = new Pool({
    connectionString: url(role),
    application_name: role,
    ...(max === undefined ? {} : { max }),
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    types: valueTypes,
    ...extra,
  });
  // Without a listener the loss of an idle connection would end the process.
  pool.on("error", (error) => onError(error, role));
  // The pool listens only to connections that lie in it. One that dies in somebody's hands, between two statements,
  // tells them with their next statement.
  pool.on("connect", (client) => client.on("error", () => {}));
  if (extra.pipeline === true) pool.on("connect", corkPerTurn);
  return pool;
}
