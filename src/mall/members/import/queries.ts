import { z } from "zod";
import { query } from "../../../door/command.ts";
import { Id } from "../../../door/ids.ts";
import { Refusal } from "../../../door/refusal.ts";
import type { Tx } from "../../../door/tables.ts";
import { importMegabytes } from "../params.ts";
import { Count } from "../../../platform/integers.ts";

const RECENT = 50;
const REPORT_PAGE = 100;
/** Rows of one page of a downloaded report. */
export const DOWNLOAD_PAGE = 5_000;

const columns = [
  "id",
  "state",
  "bytes",
  "sha256",
  "encoding",
  "rows_done",
  "created",
  "changed",
  "unchanged",
  "refused",
  "checked_rows",
  "started_by",
  "problem",
  "problem_line",
  "stopped",
  "created_at",
  "phase_at",
  "touched_at",
  "finished_at",
  "version",
] as const;

function selectImports(tx: Tx) {
  return tx.selectFrom("members.import").select(columns);
}

export type ImportFacts = Awaited<ReturnType<ReturnType<typeof selectImports>["executeTakeFirstOrThrow"]>>;

/** The newest imports. */
export const imports = query({
  name: "members.imports",
  input: z.strictObject({}),
  run: async ({ tx, params }) => ({
    imports: await selectImports(tx)
      .orderBy("created_at", "desc")
      .orderBy("id", "desc")
      .limit(RECENT)
      .execute(),
    /** The largest file that policy takes. */
    megabytes: params(importMegabytes),
  }),
});

/**
 * One import with a page of its report: lines, outcomes and reasons, in the file's order, never a value of the file. The run's
 * rows once there are any, before that the dry run's.
 */
export const importReport = query({
  name: "members.import.report",
  input: z.strictObject({
    import: Id,
    outcome: z.enum(["created", "changed", "unchanged", "refused"]).optional(),
    afterLine: Count.default(0),
    size: z.int().min(1).max(DOWNLOAD_PAGE).default(REPORT_PAGE),
  }),
  async run({ tx, input }) {
    const found = await selectImports(tx).where("id", "=", input.import).executeTakeFirst();
    if (found === undefined) throw new Refusal("not-found", "not-found");
    const ran =
      ["running", "done"].includes(found.state) || (found.state === "cancelled" && found.started_by !== null);
    const phase = ran ? ("run" as const) : ("check" as const);
    const { outcome } = input;
    const rows = await tx
      .selectFrom("members.import_row")
      .select(["line", "member_no", "outcome", "code", "field"])
      .where("import_id", "=", found.id)
      .where("phase", "=", phase)
      .where("line", ">", input.afterLine)
      .$if(outcome !== undefined, (q) => q.where("outcome", "=", outcome ?? "refused"))
      .orderBy("line")
      .limit(input.size + 1)
      .execute();
    const next = rows.length > input.size ? rows[input.size - 1]?.line : undefined;
    return { import: found, phase, rows: rows.slice(0, input.size), next };
  },
});

export type ReportRow = Awaited<ReturnType<typeof importReport.run>>["rows"][number];
