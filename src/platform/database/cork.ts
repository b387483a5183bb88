import type { PoolClient } from "pg";

/**
 * Lets everything that a connection is told within one turn of the event loop leave in one write. A pipelined
 * transaction says several things at once; without this each would be a system call of its own, which costs more
 * than all the rest of a command.
 */
export function corkPerTurn(client: PoolClient): void {
  const stream = streamOf(client);
  if (stream === undefined) return;
  let corked = false;
  const write = stream.write.bind(stream);
  const uncork = () => {
    corked = false;
    stream.uncork();
  };
  stream.write = (...args: Parameters<typeof write>) => {
    if (!corked && !stream.destroyed) {
      corked = true;
      stream.cork();
      setImmediate(uncork);
    }
    return write(...args);
  };
}

interface Corkable {
  destroyed: boolean;
  cork(): void;
  uncork(): void;
  write(...args: unknown[]): boolean;
}

/** The driver keeps its socket where its types do not show it. */
function streamOf(client: PoolClient): Corkable | undefined {
  const { connection } = client as PoolClient & { connection?: { stream?: Corkable } };
  return connection?.stream;
}
