import type { QueryContext } from "../../door/command.ts";
import type { Tx } from "../../door/tables.ts";

interface About {
  operation: string;
  subjectType: string;
  subjectId: string;
}

/**
 * Adds to each request how people know what it is about: a login, or what the operation itself says (the number on a
 * card). Null where nothing says more than the id. One question for all requests of an operation.
 */
export async function withSubjects<R extends About>(
  { tx, access }: Pick<QueryContext<unknown>, "tx" | "access">,
  rows: readonly R[],
): Promise<(R & { subject: string | null })[]> {
  const known = new Map<string, ReadonlyMap<string, string>>();
  for (const [key, about] of Map.groupBy(rows, keyOf)) {
    const [first] = about;
    const labels = first?.subjectType === "staff" ? logins : access.command(first?.operation ?? "")?.labels;
    if (labels !== undefined) known.set(key, await labels(tx, [...new Set(about.map((r) => r.subjectId))]));
  }
  return rows.map((row) => ({ ...row, subject: known.get(keyOf(row))?.get(row.subjectId) ?? null }));
}

function keyOf({ operation, subjectType }: About): string {
  return subjectType === "staff" ? subjectType : operation;
}

async function logins(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.selectFrom("access.person").select(["id", "login"]).where("id", "in", ids).execute();
  return new Map(rows.map(({ id, login }) => [id, login]));
}
