import { sql } from "kysely";
import type { RunContext } from "../../door/command.ts";
import { Refusal } from "../../door/refusal.ts";

/** A request in the tables of the door, as far as carrying it out needs it. */
interface Agreed {
  id: string;
  operation: string;
  requested_by: string;
}

/**
 * Does what enough people agreed to, whole or not at all, and gives null. Gives the code of the refusal when it can never
 * be done any more, because what it was about has changed since or whoever asked may not: such a request has to be closed,
 * or it would stand in the way of the next one. A refusal that may pass (read-only, busy) is thrown and leaves it open.
 */
export async function carryOut(
  context: Pick<RunContext<unknown>, "tx" | "perform">,
  request: Agreed,
  payload: unknown,
): Promise<string | null> {
  await sql`SAVEPOINT carried_out`.execute(context.tx);
  try {
    await context.perform(request.operation, payload, request.requested_by, request.id);
    return null;
  } catch (error) {
    if (!(error instanceof Refusal) || !isFinal(error)) throw error;
    await sql`ROLLBACK TO SAVEPOINT carried_out`.execute(context.tx);
    return error.code;
  }
}

const FINAL: ReadonlySet<string> = new Set(["conflict", "denied", "invalid", "not-found"]);

function isFinal({ kind, code }: Refusal): boolean {
  return FINAL.has(kind) || code === "operation_gone";
}
