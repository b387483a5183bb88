import { createHash } from "node:crypto";
import { z } from "zod";
import type { Tx } from "../../door/tables.ts";

/** A sealed salt and value beside the log. */
export interface StoredDetail {
  side: "before" | "after";
  /** Which value of the event, as the vault knows it: `phone.before`. */
  slot: string;
  sealed: string;
}

/** What is kept of one changed field of one person in one event: two sides, one, or none. */
export async function detailsOf(
  tx: Tx,
  of: { event: string; field: string; owner: string },
): Promise<StoredDetail[]> {
  const rows = await tx
    .selectFrom("audit.detail")
    .select(["side", "sealed"])
    .where("event", "=", of.event)
    .where("field", "=", of.field)
    .where("owner", "=", of.owner)
    .orderBy("side", "desc")
    .execute();
  return rows.map(({ side, sealed }) => ({ side, slot: `${of.field}.${side}`, sealed }));
}

const Named = z.object({ facts: z.object({ detail_sha256: z.string().regex(/^[0-9a-f]{64}$/) }) });

/**
 * The whole of an event whose detail did not fit into its body, or null where the body holds all there is. Null too when
 * what is stored is not what the body names the hash of.
 */
export async function overflowOf(tx: Tx, body: Buffer): Promise<Buffer | null> {
  const named = Named.safeParse(parsed(body));
  if (!named.success) return null;
  const row = await tx
    .selectFrom("audit.overflow")
    .select("detail")
    .where("sha256", "=", Buffer.from(named.data.facts.detail_sha256, "hex"))
    .executeTakeFirst();
  if (row === undefined) return null;
  const hash = createHash("sha256").update(row.detail).digest("hex");
  return hash === named.data.facts.detail_sha256 ? row.detail : null;
}

const Committed = z.object({
  change: z.array(
    z.looseObject({
      field: z.string(),
      before_commit: z.string().nullish(),
      after_commit: z.string().nullish(),
    }),
  ),
});

/** The commitments of one field in a logged event; null while the event is on its way into the log. */
export async function commitmentsOf(
  tx: Tx,
  event: string,
  field: string,
): Promise<Record<StoredDetail["side"], string | null> | null> {
  const row = await tx.selectFrom("audit.log").select("body").where("id", "=", event).executeTakeFirst();
  if (row === undefined) return null;
  const read = Committed.safeParse(parsed((await overflowOf(tx, row.body)) ?? row.body));
  const change = read.success ? read.data.change.find((one) => one.field === field) : undefined;
  return { before: change?.before_commit ?? null, after: change?.after_commit ?? null };
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return null; // `audit.unreadable` says what it is
  }
}
