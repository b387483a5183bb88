import { z } from "zod";

const Word = z.string().catch("");
const Value = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]);

const Change = z.union([
  z.object({ field: z.string(), before_commit: z.string().nullable(), after_commit: z.string().nullable() }),
  z.object({ field: z.string(), before: Value, after: Value }),
]);
export type EntryChange = z.output<typeof Change>;

/** What pages read of a body. Read, not believed: a row that somebody staged past the log may hold anything. */
const Body = z.object({
  id: Word,
  actor: z
    .object({ type: Word, id: Word, display: Word, roles: z.array(z.string()).catch([]) })
    .catch({ type: "", id: "", display: "", roles: [] }),
  session: z
    .object({
      id_hash: Word,
      aal: z.number().optional(),
      mfa_at: z.string().optional(),
      step_up_at: z.iso.datetime().optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
  target: z.array(z.object({ type: Word, id: Word, label: z.string().optional() })).catch([]),
  fields: z.array(z.string()).catch([]),
  purpose: z.object({ code: Word, ticket: z.string().optional() }).optional().catch(undefined),
  change: z.array(Change).catch([]),
  request: z
    .object({
      id: Word,
      ip: z.string().optional(),
      route: z.string().optional(),
      method: z.string().optional(),
    })
    .optional()
    .catch(undefined),
  correlation: z.record(z.string(), z.string()).optional().catch(undefined),
  policy: z.object({ id: Word, version: Word, set: z.string().optional() }).optional().catch(undefined),
  facts: z.record(z.string(), Value).optional().catch(undefined),
  writer: z.object({ id: Word, seq: z.number() }).optional().catch(undefined),
});
export type EntryBody = z.output<typeof Body>;

/** Columns of a row of the log that a list needs. */
export interface EntryRow {
  idx: number;
  id: string;
  at: Date;
  action: string;
  category: string;
  crud: string;
  outcome: string;
  code: string | null;
  severity: number;
  body: Buffer;
}

/** One event, as pages show it. */
export interface Entry extends Omit<EntryRow, "body"> {
  readonly event: EntryBody;
}

export function entryOf({ body, ...row }: EntryRow): Entry {
  return { ...row, event: readBody(body) };
}

const nothing = Body.parse({});

function readBody(body: Buffer): EntryBody {
  try {
    const read = Body.safeParse(JSON.parse(body.toString()));
    return read.success ? read.data : nothing;
  } catch {
    return nothing; // `audit.unreadable` says what it is
  }
}
