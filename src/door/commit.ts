import type { StagedEvent } from "./event.ts";
import type { Connection, DoorPorts, Staging } from "./ports.ts";
import { Refusal } from "./refusal.ts";
import { isServerAnswer, named } from "./transaction.ts";

type Ports = Pick<DoorPorts, "write" | "log" | "unexpected">;

/** How long somebody waits to be told whether their lost commit happened, in milliseconds. */
const TELL_WITHIN = 5_000;

/**
 * Sends the events with the commit, in one round trip; the answer to the commit decides. When the answer was lost with
 * the connection, the database is asked what became of the transaction: the person is told the truth, and the numbers
 * of the events are closed only when they are really free.
 */
export async function commitWith(
  ports: Ports,
  connection: Connection,
  command: { id: string; name: string },
  events: readonly StagedEvent[],
): Promise<void> {
  const staging = ports.log.prepare(events);
  const [staged, committed] = await Promise.allSettled([
    connection.query(staging.statement),
    connection.query("COMMIT"),
  ]);
  if (committed.status === "fulfilled" && committed.value.command === "COMMIT") return staging.committed();
  const cause: unknown = staged.status === "rejected" ? staged.reason : undefined;
  const answer: unknown = committed.status === "rejected" ? committed.reason : cause;
  // the server said no, to the event or to the commit: nothing of it exists
  if (committed.status === "fulfilled" || isServerAnswer(answer)) {
    staging.lost();
    throw cause ?? answer ?? new Error("the transaction was rolled back at its commit");
  }
  if (await became(ports, command, staging)) return;
  throw answer;
}

/** True when the transaction committed. Asks until the database answers; the person waits only for a while. */
async function became(
  ports: Ports,
  command: { id: string; name: string },
  staging: Staging,
): Promise<boolean> {
  const asking = askUntilAnswered(ports, command.id).then((landed) => {
    if (landed) staging.committed();
    else staging.lost();
    return landed;
  });
  const late = Symbol("late");
  const first = await Promise.race([
    asking,
    new Promise<typeof late>((resolve) => setTimeout(resolve, TELL_WITHIN, late).unref()),
  ]);
  if (first !== late) return first;
  asking.catch((error: unknown) => ports.unexpected(error, command.name, undefined));
  throw new Refusal("unavailable", "outcome_unknown", { retryAfter: 10 });
}

async function askUntilAnswered(ports: Ports, id: string): Promise<boolean> {
  for (let wait = 50; ; wait = Math.min(wait * 2, 5_000)) {
    try {
      return await landed(ports, id);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, wait).unref());
    }
  }
}

/**
 * Whether the command's row is there. An insert of the same id waits for a transaction that is still ending, which a
 * plain look would take for one that never was.
 */
async function landed(ports: Ports, id: string): Promise<boolean> {
  const connection = await ports.write.connect();
  let broken: Error | undefined;
  try {
    await connection.query("BEGIN");
    const inserted = await connection.query(
      named(
        `INSERT INTO door.command (id, name, actor_type, actor_id, input_digest) VALUES ($1, 'door.landed', 'door', 'door', '')
         ON CONFLICT (id) DO NOTHING RETURNING 1`,
        [id],
      ),
    );
    await connection.query("ROLLBACK");
    return inserted.rowCount === 0;
  } catch (error) {
    broken = error instanceof Error ? error : new Error("the question failed");
    throw error;
  } finally {
    connection.release(broken);
  }
}

/** Events without a change: a look, a refusal. A transaction of their own, which has a command row like any other. */
export async function writeEvents(
  ports: Ports,
  connection: Connection,
  command: { id: string; name: string; actorType: string; actorId: string },
  events: readonly StagedEvent[],
): Promise<void> {
  await Promise.allSettled([
    connection.query("BEGIN"),
    connection.query(
      named(
        "INSERT INTO door.command (id, name, actor_type, actor_id, input_digest) VALUES ($1, $2, $3, $4, '')",
        [command.id, command.name, command.actorType, command.actorId],
      ),
    ),
  ]);
  // had one of the two failed, the commit is answered with a rollback
  await commitWith(ports, connection, command, events);
}
