import { z } from "zod";
import { sql } from "kysely";
import { command } from "../../../door/command.ts";
import { importWaitHours } from "../params.ts";

/** Pieces deleted in one transaction. */
const PIECES = 100;

/** Blind indexes of rows deleted in one transaction. */
const TOKENS = 5_000;

/**
 * Tidies up: cancels imports that nobody went on with for the policy's hours (half an upload, a dry run that was never
 * started), and removes the bytes and the blind indexes of imports that have ended, so that a file of personal data is not
 * kept longer than its import takes. Wakes imports that lost their job.
 */
export const sweep = command({
  name: "members.sweep",
  crud: "d",
  severity: 0,
  input: z.strictObject({}),
  async run({ tx, params, record, now, wake }) {
    const abandoned = await tx
      .updateTable("members.import")
      .set({ state: "cancelled", finished_at: now, touched_at: now, version: sql`version + 1` })
      .where("state", "in", ["uploading", "uploaded", "checked"])
      .where("touched_at", "<", new Date(now.getTime() - params(importWaitHours) * 3_600_000))
      .returning("id")
      .execute();
    for (const { id } of abandoned) record.target({ type: "member_import", id });
    const pieces = await tx
      .selectFrom("members.import_chunk as piece")
      .innerJoin("members.import as import", "import.id", "piece.import_id")
      .select(["piece.import_id", "piece.no"])
      .where("import.state", "in", ["done", "refused", "cancelled"])
      .limit(PIECES)
      .execute();
    const imports = [...new Set(pieces.map((piece) => piece.import_id))];
    for (const id of imports) {
      await tx
        .deleteFrom("members.import_chunk")
        .where("import_id", "=", id)
        .where(
          "no",
          "in",
          pieces.filter((piece) => piece.import_id === id).map((piece) => piece.no),
        )
        .execute();
      record.target({ type: "member_import", id });
    }
    const tokens = await sql`
      DELETE FROM members.import_token WHERE (import_id, phase, kind, token) IN (
        SELECT t.import_id, t.phase, t.kind, t.token
        FROM members.import_token t JOIN members.import i ON i.id = t.import_id
        WHERE i.state IN ('done', 'refused', 'cancelled') LIMIT ${TOKENS})`.execute(tx);
    const atWork = await tx
      .selectFrom("members.import")
      .select("id")
      .where("state", "in", ["checking", "running"])
      .execute();
    for (const { id } of atWork) wake("members.import", { import: id });
    record.fact("abandoned", abandoned.length);
    record.fact("pieces", pieces.length);
    const cleared = Number(tokens.numAffectedRows ?? 0n);
    record.fact("tokens", cleared);
    return { more: pieces.length === PIECES || cleared === TOKENS };
  },
});
