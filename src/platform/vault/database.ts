import type { QueryExecutorProvider } from "kysely";

/**
 * Whatever runs SQL: the door's transaction for writes, a read-only connection for reads. The vault never opens one
 * itself, so that a key is made in the transaction of the value it seals.
 */
export type Executor = QueryExecutorProvider;
