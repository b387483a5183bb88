import { createHash } from "node:crypto";
import { chunk } from "../../../../src/mall/members/import/step.ts";
import { cancel, check, start, upload } from "../../../../src/mall/members/import/commands.ts";
import { importReport, type ReportRow } from "../../../../src/mall/members/import/queries.ts";
import { takeFile } from "../../../../src/mall/members/import/upload.ts";
import type { MembersWorld } from "../support.ts";

export const header = "member_no,name,phone,email,sex,birth_date,registered_at,consents";

export const csv = (...rows: string[]) => [header, ...rows, ""].join("\r\n");

/** A file as it arrives: in chunks of some size. */
export function fileOf(bytes: Uint8Array, chunkSize = 64 * 1024) {
  return {
    chunks: (async function* () {
      for (let at = 0; at < bytes.length; at += chunkSize) yield bytes.subarray(at, at + chunkSize);
    })(),
    sum: () => ({ sha256: createHash("sha256").update(bytes).digest("hex") }),
  };
}

export async function uploadBytes(world: MembersWorld, bytes: Uint8Array | string, chunkSize?: number) {
  return await takeFile(
    fileOf(Buffer.from(bytes), chunkSize),
    async (piece) => world.door.execute(upload, world.clerk, piece),
    async (given) => world.door.execute(cancel, world.clerk, given),
  );
}

export async function work(world: MembersWorld, id: string): Promise<void> {
  const credential = { type: "scheduler", job: "members.import" } as const;
  while ((await world.door.execute(chunk, credential, { import: id })).value.more);
}

export async function dryRun(world: MembersWorld, bytes: Uint8Array | string, chunkSize?: number) {
  const { import: id } = await uploadBytes(world, bytes, chunkSize);
  await world.door.execute(check, world.clerk, { import: id });
  await work(world, id);
  return { id, ...(await reportOf(world, id)) };
}

export async function wholeImport(world: MembersWorld, bytes: Uint8Array | string, chunkSize?: number) {
  const { id, found } = await dryRun(world, bytes, chunkSize);
  await world.door.execute(start, world.clerk, { import: id, version: found.version });
  await work(world, id);
  return { id, ...(await reportOf(world, id)) };
}

export async function reportOf(world: MembersWorld, id: string) {
  const report = await world.door.ask(importReport, world.clerk, { import: id, size: 5_000 });
  return { found: report.import, rows: report.rows, lines: report.rows.map(lineOf) };
}

function lineOf(row: ReportRow): string {
  return [row.line, row.outcome, row.code, row.field].filter((part) => part !== null).join(" ");
}
