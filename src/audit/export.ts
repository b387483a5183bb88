import { PassThrough } from "node:stream";
import { z } from "zod";
import { reveal } from "../door/command.ts";
import { Refusal } from "../door/refusal.ts";
import { exportBundle } from "../platform/audit/evidence.ts";
import { csvRows } from "../platform/csv.ts";
import { type EntryRow, entryOf } from "./entry.ts";
import { Filter, filterFacts, filterRules, keepOrder } from "./filter.ts";
import { exportRangeEvents, exportRows, witnessQuorum } from "./params.ts";
import { countRows, selectRows } from "./select.ts";
import { signedOrigins } from "./status.ts";
import { together } from "../platform/together.ts";

const Index = z.coerce.number().int().min(0);

/** What is exported: a whole range, which is provably complete, or the events of a filter, which are authentic. */
const Export = z.discriminatedUnion("format", [
  z.strictObject({ format: z.literal("bundle"), from: Index, to: Index }),
  z.strictObject({ format: z.enum(["jsonl", "csv"]), filter: Filter.default({}) }),
]);

/** A file as it is made. */
export interface ExportFile {
  readonly name: string;
  readonly type: string;
  readonly stream: ReadableStream<Uint8Array>;
}

/**
 * Takes events out of the console. Its own event commits first, and names what was asked for; then the file is read.
 * Refuses a range that is empty, not signed yet or larger than the policy allows, and a filter with more events than the
 * policy allows: a file that stops somewhere looks like a whole one. What comes in meanwhile is not in the file, whose
 * event says how many there are and below which index.
 */
export const exportLog = reveal({
  name: "audit.export",
  input: together(
    Export,
    "from lies before to",
    "to is what the log holds at most",
    "to is export_range_events after from at most",
    ...filterRules,
  ),
  crud: "r",
  severity: 3,
  target: () => ({ type: "audit-log", id: "log" }),
  async run({ tx, input, params, record, audit, mallTimeZone }) {
    record.fact("format", input.format);
    const head = await tx.selectFrom("audit.head").select("size").executeTakeFirstOrThrow();
    const size = Number(head.size);
    if (input.format !== "bundle") {
      keepOrder(input.filter, mallTimeZone);
      const most = params(exportRows);
      const within = { below: size, most: most + 1 };
      const events = await countRows(audit.reading, input.filter, mallTimeZone, within);
      if (events > most) throw new Refusal("invalid", "export_too_many", { values: { most } });
      for (const [name, value] of Object.entries(filterFacts(input.filter))) record.fact(name, value);
      record.fact("events", events);
      record.fact("to", size);
      return { below: size };
    }
    const { from, to } = input;
    record.fact("from", from);
    record.fact("to", to);
    if (from >= to || to > size) throw refused("to", size);
    const most = params(exportRangeEvents);
    if (to - from > most) throw refused("from", most);
    return { below: to };
  },
  covers: () => [], // no personal datum stands in a body
  async open({ tx, input, params, actor, audit, mallTimeZone, now, granted }): Promise<ExportFile> {
    if (input.format === "bundle") {
      await audit.settle();
      const policy = audit.trustPolicy(await signedOrigins(tx), params(witnessQuorum));
      const query = { by: actor.display, at: now.toISOString() };
      const out = new PassThrough();
      // A failure half way must end the download without its end: what came so far is no bundle.
      exportBundle(out, tx, { content: { from: input.from, to: input.to }, policy, query }).catch(
        (error: unknown) => out.destroy(error instanceof Error ? error : new Error("the export failed")),
      );
      return file(`audit-${input.from}-${input.to}.zip`, "application/zip", out);
    }
    const batches = selectRows(tx, input.filter, mallTimeZone, granted.below);
    const name = `audit-${now.toISOString().slice(0, 10)}.${input.format}`;
    return input.format === "jsonl"
      ? file(name, "application/jsonl", jsonLines(batches))
      : file(name, "text/csv; charset=utf-8", csvLines(batches));
  },
});

function refused(path: string, limit: number): Refusal {
  return new Refusal("invalid", "invalid", { issues: [{ path, code: "too-big", values: { limit } }] });
}

function file(name: string, type: string, chunks: AsyncIterable<Uint8Array>): ExportFile {
  const iterator = chunks[Symbol.asyncIterator]();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await iterator.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
  return { name, type, stream };
}

type Batches = AsyncIterable<readonly EntryRow[]>;

/** The verbatim bodies, a line each. */
async function* jsonLines(batches: Batches): AsyncGenerator<Buffer> {
  for await (const batch of batches) {
    yield Buffer.concat(batch.flatMap(({ body }) => [body, Buffer.from("\n")]));
  }
}

const columns = [
  "index",
  "id",
  "at",
  "actor_type",
  "actor",
  "action",
  "outcome",
  "code",
  "severity",
  "targets",
  "fields",
  "purpose",
  "ip",
  "request",
];

/** Rows for a spreadsheet, with the byte-order mark by which it knows UTF-8. */
async function* csvLines(batches: Batches): AsyncGenerator<Buffer> {
  yield Buffer.from(`\uFEFF${csvRows([columns])}`);
  for await (const batch of batches) yield Buffer.from(csvRows(batch.map(csvRow)));
}

function csvRow(row: EntryRow): (string | number)[] {
  const { event } = entryOf(row);
  return [
    row.idx,
    row.id,
    row.at.toISOString(),
    event.actor.type,
    event.actor.id,
    row.action,
    row.outcome,
    row.code ?? "",
    row.severity,
    event.target.map(({ type, id }) => `${type}:${id}`).join(" "),
    event.fields.join(" "),
    event.purpose?.code ?? "",
    event.request?.ip ?? "",
    event.request?.id ?? "",
  ];
}
