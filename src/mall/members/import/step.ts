import { sql } from "kysely";
import { z } from "zod";
import { command, type RunContext } from "../../../door/command.ts";
import { Id } from "../../../door/ids.ts";
import { insertRows } from "../bulk.ts";
import { step } from "../model.ts";
import { minimumAge } from "../params.ts";
import { refusingTaken, tokensOf } from "../storage.ts";
import { applyPlan } from "./apply.ts";
import { importColumns, readHeader } from "./columns.ts";
import { lockImport, start, upload } from "./commands.ts";
import { importMachine } from "./model.ts";
import { type Phase, type Planned, planRows } from "./plan.ts";
import { type Reading, readOn } from "./reader.ts";
import { readRow } from "./rows.ts";
import type { FileProblem } from "./scan.ts";
import { stopFor, type Stop } from "./starter.ts";

/** Rows of one transaction (design "architecture", section 4). */
const BATCH = 500;

const Input = z.strictObject({ import: Id });
type Context = RunContext<z.output<typeof Input>>;
type Import = Awaited<ReturnType<typeof lockImport>>;

/**
 * One step of an import, dry run or run: reads up to 500 rows, says or does what becomes of each, and notes where the next
 * begins, all in one transaction. A kill at any moment loses at most the step, and the next one takes its place. A run whose
 * starter was disabled, or may no longer start imports, stops before its next row.
 */
export const chunk = command({
  name: "members.import.chunk",
  severity: 0,
  input: Input,
  target: (input) => ({ type: "member_import", id: input.import }),
  async run(context): Promise<{ more: boolean }> {
    // a connection keeps plans, and one made while the report was empty would read all of it for each row
    await sql`SET LOCAL plan_cache_mode = force_custom_plan`.execute(context.tx);
    const found = await lockImport(context.tx, context.input.import);
    context.record.correlate({ import: found.id });
    context.record.onBehalfOf(found.started_by ?? found.uploaded_by);
    if (found.state !== "checking" && found.state !== "running") return { more: false };
    const stop = found.state === "running" ? await stopFor(context, found.started_by ?? "") : null;
    if (stop !== null) return await stopImport(context, found, stop);
    const reading = await read(context, found);
    const header = found.at_line === 1 ? headerOf(reading) : { columns: found.columns ?? [] };
    const problem = "problem" in header ? { code: header.problem, line: 1 } : reading.problem;
    if (problem !== null) return await refuse(context, found, problem);
    const columns = "problem" in header ? [] : header.columns;

    const phase: Phase = found.state === "checking" ? "check" : "run";
    const plan = await planBatch(context, found, phase, columns, reading);
    await report(context, found.id, phase, plan);
    await moveOn(context, found, reading, plan, columns);
    for (const outcome of ["created", "changed", "unchanged", "refused"] as const) {
      context.record.fact(outcome, count(plan, outcome));
    }
    return { more: !reading.ended };
  },
});

async function read({ tx, vault }: Context, found: Import): Promise<Reading> {
  if (found.encoding === null) throw new Error("an uploaded file has an encoding");
  return await readOn(tx, vault, {
    import: found.id,
    chunks: found.chunks,
    chunk: found.at_chunk,
    byte: found.at_byte,
    line: found.at_line,
    encoding: found.encoding,
    limit: BATCH,
  });
}

function headerOf(reading: Reading): ReturnType<typeof readHeader> {
  const [first] = reading.records;
  if (first === undefined) return { problem: reading.problem?.code ?? "empty" };
  return first.fields === null ? { problem: "encoding" } : readHeader(first.fields);
}

async function planBatch(
  context: Context,
  found: Import,
  phase: Phase,
  columns: readonly string[],
  reading: Reading,
): Promise<Planned[]> {
  const { tx, vault, params, now, newId, record, mallTimeZone: zone } = context;
  const known = columns.flatMap((name) => importColumns.filter((column) => column === name));
  const rules = { columns: known, minimumAge: params(minimumAge), now, zone };
  const rows = reading.records.slice(found.at_line === 1 ? 1 : 0).map((row) => readRow(row, rules));
  const tokens = await tokensOf(tx, vault);
  const plan = await planRows(tx, vault, tokens, { import: found.id, phase }, rows);
  if (phase === "run") {
    const person = found.started_by ?? found.uploaded_by;
    const hands = { tx, vault, tokens, person, now, newId };
    const events = await refusingTaken(async () => await applyPlan(hands, plan));
    for (const event of events) {
      record.also(event);
      for (const target of event.target) haveWritten(record, found, target);
    }
  }
  return plan;
}

/** Whoever brought the file or started it wrote its members, for the duties that ask who did. */
function haveWritten(record: Context["record"], found: Import, target: { type: string; id: string }): void {
  record.did({ command: upload.name, person: found.uploaded_by, target });
  if (found.started_by !== null) record.did({ command: start.name, person: found.started_by, target });
}

const reportTypes = {
  import_id: "uuid",
  phase: "text",
  line: "int",
  member_no: "text",
  outcome: "text",
  code: "text",
  field: "text",
};
const tokenTypes = { import_id: "uuid", phase: "text", kind: "text", token: "bytea" };

async function report(
  { tx }: Context,
  importId: string,
  phase: Phase,
  plan: readonly Planned[],
): Promise<void> {
  if (plan.length === 0) return;
  const rows = plan.map((row) => ({
    import_id: importId,
    phase,
    line: row.line,
    member_no: row.no,
    outcome: row.outcome,
    code: row.outcome === "refused" ? row.refused.code : null,
    field: row.outcome === "refused" ? row.refused.field : null,
  }));
  await insertRows("members.import_row", reportTypes, rows).execute(tx);
  const tokens = plan.flatMap((row) =>
    row.outcome === "refused"
      ? []
      : (["phone", "email"] as const).flatMap((kind) => {
          const token = row[kind];
          return token === null ? [] : [{ import_id: importId, phase, kind, token }];
        }),
  );
  if (tokens.length > 0) await insertRows("members.import_token", tokenTypes, tokens).execute(tx);
}

async function moveOn(
  { tx, record, now, wake }: Context,
  found: Import,
  reading: Reading,
  plan: readonly Planned[],
  columns: readonly string[],
): Promise<void> {
  const state = reading.ended ? step(importMachine, found.state, "finish") : found.state;
  const rows = found.rows_done + plan.length;
  await tx
    .updateTable("members.import")
    .set({
      state,
      columns: [...columns],
      at_chunk: reading.position.chunk,
      at_byte: reading.position.byte,
      at_line: reading.line,
      rows_done: rows,
      created: found.created + count(plan, "created"),
      changed: found.changed + count(plan, "changed"),
      unchanged: found.unchanged + count(plan, "unchanged"),
      refused: found.refused + count(plan, "refused"),
      ...(state === "checked" ? { checked_rows: rows } : {}),
      ...(state === "done" ? { finished_at: now } : {}),
      touched_at: now,
      version: found.version + 1,
    })
    .where("id", "=", found.id)
    .execute();
  record.change("state", found.state, state);
  if (state === "done") wake("members.statistics");
}

/** The file is no table of members after all, from some line on. Nothing of it has been done: only a dry run gets here. */
async function refuse(
  { tx, record, now }: Context,
  found: Import,
  problem: { code: FileProblem; line: number },
): Promise<{ more: false }> {
  const state = step(importMachine, found.state, "refuse");
  await tx
    .updateTable("members.import")
    .set({
      state,
      problem: problem.code,
      problem_line: problem.line,
      finished_at: now,
      touched_at: now,
      version: found.version + 1,
    })
    .where("id", "=", found.id)
    .execute();
  record.change("state", found.state, state);
  record.fact("problem", problem.code);
  record.fact("line", problem.line);
  return { more: false };
}

/** Rows that are in stay in, as with a cancelled import: each was audited, and the report says which. */
async function stopImport({ tx, record, now }: Context, found: Import, stop: Stop): Promise<{ more: false }> {
  const state = step(importMachine, found.state, "cancel");
  await tx
    .updateTable("members.import")
    .set({ state, stopped: stop, finished_at: now, touched_at: now, version: found.version + 1 })
    .where("id", "=", found.id)
    .execute();
  record.severity(3);
  record.change("state", found.state, state);
  record.fact("stopped", stop);
  return { more: false };
}

function count(plan: readonly Planned[], outcome: Planned["outcome"]): number {
  return plan.filter((row) => row.outcome === outcome).length;
}
