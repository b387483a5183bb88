import { sql } from "kysely";
import type { Params } from "../../../door/param.ts";
import { Refusal } from "../../../door/refusal.ts";
import type { Tx } from "../../../door/tables.ts";
import { importPersonFiles, importPersonMegabytes } from "../params.ts";

/**
 * Holds one person's files on their way in to what policy lets one person keep: nobody fills the disk for the others
 * (ASVS 5.2.4). `bytes`: what is about to be added. Uploads of one person wait for each other here, so that two at once
 * cannot both take the last of it. Refuses `invalid` at `file`.
 */
export async function keepQuota(tx: Tx, params: Params, person: string, bytes: number): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtext('members.import.quota'), hashtext(${person}))`.execute(tx);
  const kept = await tx
    .selectFrom("members.import")
    .select((eb) => [eb.fn.countAll<bigint>().as("files"), eb.fn.sum<string | null>("bytes").as("bytes")])
    .where("uploaded_by", "=", person)
    .where("state", "in", ["uploading", "uploaded", "checking", "checked", "running"])
    .executeTakeFirstOrThrow();
  const files = params(importPersonFiles);
  if (Number(kept.files) > files) refuse("file_count", files);
  const megabytes = params(importPersonMegabytes);
  if (BigInt(kept.bytes ?? 0) + BigInt(bytes) > BigInt(megabytes) * 1_000_000n)
    refuse("file_quota", megabytes);
}

function refuse(code: string, limit: number): never {
  throw new Refusal("invalid", "invalid", { issues: [{ path: "file", code, values: { limit } }] });
}
