import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from "kysely";
import type { Connection, Statement } from "./ports.ts";
import type { Tables, Tx } from "./tables.ts";

/** A statement text seen this often in the program gets a name, so that a connection parses and plans it once. */
const NAMED_STATEMENTS = 400;
const names = new Map<string, string>();

/** Gives a statement a name while there is room; texts of varying length (long value lists) stay unnamed. */
export function named(text: string, values: readonly unknown[]): Statement {
  let name = names.get(text);
  if (name === undefined && names.size < NAMED_STATEMENTS && values.length <= 24) {
    name = `s${names.size + 1}`;
    names.set(text, name);
  }
  return name === undefined ? { text, values: [...values] } : { name, text, values: [...values] };
}

const transactions = new WeakMap<Connection, Tx>();

/** The typed face of one connection. It cannot begin, commit or roll back: that is the door's. */
export function over(connection: Connection): Tx {
  let tx = transactions.get(connection);
  if (tx === undefined) {
    tx = new Kysely<Tables>({
      dialect: {
        createAdapter: () => new PostgresAdapter(),
        createDriver: () => new BorrowedConnection(connection),
        createIntrospector: (db) => new PostgresIntrospector(db),
        createQueryCompiler: () => new PostgresQueryCompiler(),
      },
    });
    transactions.set(connection, tx);
  }
  return tx;
}

class BorrowedConnection implements Driver {
  readonly #connection: DatabaseConnection;

  constructor(connection: Connection) {
    this.#connection = {
      async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
        const result = await connection.query(named(query.sql, query.parameters));
        const changed = result.command === "SELECT" ? undefined : result.rowCount;
        // kysely types rows by the query it compiled; pg hands them over untyped
        const rows = result.rows as R[];
        return changed === undefined || changed === null
          ? { rows }
          : { rows, numAffectedRows: BigInt(changed) };
      },
      streamQuery() {
        throw new Error("a transaction of the door does not stream");
      },
    };
  }

  async init(): Promise<void> {}
  async destroy(): Promise<void> {}
  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection;
  }
  async releaseConnection(): Promise<void> {}
  async beginTransaction(): Promise<void> {
    throw new Error("the door opens transactions");
  }
  async commitTransaction(): Promise<void> {
    throw new Error("the door commits transactions");
  }
  async rollbackTransaction(): Promise<void> {
    throw new Error("the door rolls transactions back");
  }
}

/** SQLSTATE of a database error, or undefined: an error of the socket has a code of another shape. */
export function sqlState(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : undefined;
}

/**
 * True when the server itself answered and the answer stands. Lost connections (class 08) and a server that is going
 * down (57P01 to 57P03) say nothing about what became of a commit.
 */
export function isServerAnswer(error: unknown): boolean {
  const state = sqlState(error);
  return state !== undefined && !/^(08|57P0[123])/.test(state);
}

/** Serialization failure, deadlock: the transaction may be tried again as a whole. */
export function isRetryable(error: unknown): boolean {
  const state = sqlState(error);
  return state === "40001" || state === "40P01";
}

/**
 * The database cannot be reached, is going down or coming up: a matter of seconds, and nobody's mistake. The driver
 * says it by SQLSTATE, by the system's code, or, of a connection that broke under a statement, by words alone.
 */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const state = sqlState(error);
  if (state !== undefined) return /^(08|57P0[123])/.test(state);
  const code = "code" in error ? String(error.code) : "";
  if (["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT"].includes(code)) return true;
  return /^Connection terminated|^Client has encountered a connection error|timeout exceeded when trying to connect/.test(
    error.message,
  );
}
