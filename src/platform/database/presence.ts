import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "pg";

/** Who opens the embedded server. */
export type Use = "console" | "cli";

export interface PresenceOptions {
  readonly use: Use;
  /** Connects to the server, starting it when there is none. */
  readonly connect: () => Promise<Client>;
  readonly stopServer: () => Promise<void>;
  readonly onLost: (error: Error) => void;
}

export interface Presence {
  /** Gives up the place; the last one out stops the server. */
  leave(): Promise<void>;
}

// Advisory locks of the database `postgres`, which nothing else of ours uses. The number is arbitrary, but
// must never change: two versions of the program have to see each other.
const SPACE = 71_171;
const CONSOLE = 1;
const ANYBODY = 2;

/** How long a place stays taken after the death of its process: the server has to notice the closed socket. */
const DEAD_HOLDER_MS = 2_000;

/**
 * Being there is an advisory lock on a connection of its own: the operating system releases it with the
 * process, however it ends, which no lock file does. Everybody holds ANYBODY shared, a console also CONSOLE.
 */
export async function holdPresence(options: PresenceOptions): Promise<Presence> {
  let leaving = false;
  let client = await enter(options);
  watch();

  function watch(): void {
    client.once("end", () => {
      if (!leaving) void comeBack();
    });
  }

  /** The server died under us: start it again and take the place again. */
  async function comeBack(): Promise<void> {
    try {
      const next = await enter(options);
      if (leaving) return await next.end();
      client = next;
      watch();
    } catch (error) {
      options.onLost(
        error instanceof Error ? error : new Error("The data directory was lost.", { cause: error }),
      );
    }
  }

  return {
    async leave() {
      leaving = true;
      try {
        if (await isLast(client)) await options.stopServer();
      } finally {
        await client.end().catch(() => {}); // the stopped server has ended it already
      }
    },
  };
}

async function enter({ use, connect }: PresenceOptions): Promise<Client> {
  const until = performance.now() + DEAD_HOLDER_MS;
  for (;;) {
    const client = await connect();
    try {
      if (use === "cli" || (await tryLock(client, "pg_try_advisory_lock", CONSOLE))) {
        if (await tryLock(client, "pg_try_advisory_lock_shared", ANYBODY)) return client;
      } else if (performance.now() > until) {
        throw new DataDirectoryTaken(await holder(client));
      }
    } catch (error) {
      await client.end().catch(() => {});
      if (error instanceof DataDirectoryTaken) throw error;
    }
    // Either the last one is just stopping the server, or a killed console is not cold yet.
    await client.end().catch(() => {});
    await delay(50);
  }
}

/** A second console on the same data directory. */
export class DataDirectoryTaken extends Error {
  constructor(since: string) {
    super(
      `Another console is running on this data directory (since ${since}). Stop it, or choose another DATA_DIR.`,
    );
    this.name = "DataDirectoryTaken";
  }
}

async function isLast(client: Client): Promise<boolean> {
  try {
    await client.query("SELECT pg_advisory_unlock_shared($1::int, $2::int)", [SPACE, ANYBODY]);
    return await tryLock(client, "pg_try_advisory_lock", ANYBODY);
  } catch {
    return true; // the connection is gone: stopping a server that is down does nothing
  }
}

async function tryLock(
  client: Client,
  lock: "pg_try_advisory_lock" | "pg_try_advisory_lock_shared",
  key: number,
): Promise<boolean> {
  const answer = await client.query<{ got: boolean }>(`SELECT ${lock}($1::int, $2::int) AS got`, [
    SPACE,
    key,
  ]);
  return answer.rows[0]?.got ?? false;
}

async function holder(client: Client): Promise<string> {
  const answer = await client.query<{ since: string }>(
    `SELECT to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS "UTC"') AS since
       FROM pg_locks l JOIN pg_stat_activity a USING (pid)
      WHERE l.locktype = 'advisory' AND l.classid = $1::int AND l.objid = $2::int AND l.granted`,
    [SPACE, CONSOLE],
  );
  return answer.rows[0]?.since ?? "a moment ago";
}
