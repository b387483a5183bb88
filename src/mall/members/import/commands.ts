import { z } from "zod";
import { command } from "../../../door/command.ts";
import { Id } from "../../../door/ids.ts";
import { Refusal } from "../../../door/refusal.ts";
import type { Tx } from "../../../door/tables.ts";
import { importMegabytes } from "../params.ts";
import { importMachine, type ImportState } from "./model.ts";
import { keepQuota } from "./quota.ts";
import { PIECE } from "./upload.ts";
import { step } from "../model.ts";
import { Count, Version } from "../../../platform/integers.ts";
import { together } from "../../../platform/together.ts";

export const CHUNK_LABEL = "door.upload";
export const chunkId = (importId: string, no: number) => `${importId}/${no}`;

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const problems = [
  "empty",
  "nul_bytes",
  "encoding",
  "quotes",
  "record_too_long",
  "columns_missing",
  "columns_unknown",
  "columns_twice",
] as const;

/**
 * Takes in one piece of a file of members, sealed. The first opens the import, the last says how the whole reads.
 * Refuses `invalid` beyond the policy's size or the person's quota, and `conflict` for pieces out of turn or of somebody else's upload.
 */
export const upload = command({
  name: "members.import.upload",
  crud: "c",
  severity: 0,
  input: together(
    z.strictObject({
      import: Id,
      no: Count,
      bytes: z.base64().max(Math.ceil(PIECE / 3) * 4),
      last: z
        .union([
          z.strictObject({ sha256: Sha256, encoding: z.enum(["utf-8", "gb18030"]) }),
          z.strictObject({ sha256: Sha256, problem: z.enum(problems) }),
        ])
        .nullable(),
    }),
    "no counts the pieces of one import from 0 without a gap",
    "bytes of all pieces come to import_max_megabytes at most",
  ),
  target: (input) => ({ type: "member_import", id: input.import }),
  async run({ tx, vault, actor, input, params, record, now }) {
    const bytes = Buffer.from(input.bytes, "base64");
    if (input.no === 0) {
      await tx
        .insertInto("members.import")
        .values({ id: input.import, uploaded_by: actor.id, created_at: now, phase_at: now, touched_at: now })
        .execute();
    }
    const found = await lockImport(tx, input.import);
    if (found.state !== "uploading" || found.uploaded_by !== actor.id || found.chunks !== input.no) {
      throw new Refusal("conflict", "import_state");
    }
    await keepQuota(tx, params, actor.id, bytes.length);
    const size = found.bytes + BigInt(bytes.length);
    const limit = params(importMegabytes);
    if (size > BigInt(limit) * 1_000_000n) {
      throw new Refusal("invalid", "invalid", {
        issues: [{ path: "file", code: "file_megabytes", values: { limit } }],
      });
    }
    const last = input.last;
    const state: ImportState = last === null ? "uploading" : "problem" in last ? "refused" : "uploaded";
    if (bytes.length > 0) {
      const sealed = await vault.seal(tx, CHUNK_LABEL, bytes, chunkId(input.import, input.no));
      await tx
        .insertInto("members.import_chunk")
        .values({ import_id: input.import, no: input.no, sealed })
        .execute();
    }
    await tx
      .updateTable("members.import")
      .set({
        state,
        bytes: size,
        chunks: bytes.length > 0 ? input.no + 1 : input.no,
        sha256: last === null ? null : Buffer.from(last.sha256, "hex"),
        encoding: last !== null && "encoding" in last ? last.encoding : null,
        problem: last !== null && "problem" in last ? last.problem : null,
        finished_at: state === "refused" ? now : null,
        touched_at: now,
      })
      .where("id", "=", input.import)
      .execute();
    record.correlate({ import: input.import });
    record.fact("piece", input.no);
    record.fact("bytes", bytes.length);
    if (last !== null) record.fact("sha256", last.sha256);
    return { state };
  },
});

/** Starts the dry run of an uploaded file: every row gets its outcome, nothing of it is done. */
export const check = command({
  name: "members.import.check",
  input: z.strictObject({ import: Id }),
  target: (input) => ({ type: "member_import", id: input.import }),
  run: async (context) => {
    const found = await lockImport(context.tx, context.input.import);
    await begin(context, found, "check");
    return { import: found.id };
  },
});

/** Starts the import of a file whose dry run was looked at. */
export const start = command({
  name: "members.import.start",
  severity: 2,
  input: z.strictObject({ import: Id, version: Version }),
  target: (input) => ({ type: "member_import", id: input.import, version: input.version }),
  run: async (context) => {
    const found = await lockImport(context.tx, context.input.import);
    if (found.version !== context.input.version) throw new Refusal("conflict", "conflict");
    await begin(context, found, "start");
    return { import: found.id };
  },
});

/** Stops an import before its end, and has its file removed. Rows that are in stay in: each was audited, and the report says which. */
export const cancel = command({
  name: "members.import.cancel",
  input: z.strictObject({ import: Id }),
  target: (input) => ({ type: "member_import", id: input.import }),
  async run({ tx, input, record, now, wake }) {
    const found = await lockImport(tx, input.import);
    const state = step(importMachine, found.state, "cancel");
    await tx
      .updateTable("members.import")
      .set({ state, finished_at: now, touched_at: now, version: found.version + 1 })
      .where("id", "=", found.id)
      .execute();
    record.correlate({ import: found.id });
    record.change("state", found.state, state);
    wake("members.sweep");
    return { state };
  },
});

/** Reads an import and locks it. Refuses `not-found`. */
export async function lockImport(tx: Tx, id: string) {
  const found = await tx
    .selectFrom("members.import")
    .select([
      "id",
      "state",
      "bytes",
      "chunks",
      "encoding",
      "at_chunk",
      "at_byte",
      "at_line",
      "columns",
      "rows_done",
      "created",
      "changed",
      "unchanged",
      "refused",
      "uploaded_by",
      "started_by",
      "version",
    ])
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
  if (found === undefined) throw new Refusal("not-found", "not-found");
  return found;
}

type LockedImport = Awaited<ReturnType<typeof lockImport>>;

type Begins = Pick<Parameters<typeof cancel.run>[0], "tx" | "actor" | "record" | "now" | "wake">;

/** Puts an import before its first row and wakes the job. The members are written for whoever started it. */
async function begin(
  { tx, actor, record, now, wake }: Begins,
  found: LockedImport,
  event: "check" | "start",
): Promise<void> {
  const state = step(importMachine, found.state, event);
  await tx
    .updateTable("members.import")
    .set({
      state,
      ...(event === "start" ? { started_by: actor.id } : {}),
      at_chunk: 0,
      at_byte: 0,
      at_line: 1,
      rows_done: 0,
      created: 0,
      changed: 0,
      unchanged: 0,
      refused: 0,
      phase_at: now,
      touched_at: now,
      version: found.version + 1,
    })
    .where("id", "=", found.id)
    .execute();
  record.correlate({ import: found.id });
  record.change("state", found.state, state);
  wake("members.import", { import: found.id });
}
