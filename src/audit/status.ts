import { sql } from "kysely";
import { z } from "zod";
import { query } from "../door/command.ts";
import type { Tx } from "../door/tables.ts";
import { findCheckpoint, lastWitnessed, type SignedCheckpoint } from "../platform/audit/checkpoints.ts";
import type { WitnessAnswer } from "../platform/audit/service.ts";
import { type Fork, ForkFacts } from "../platform/audit/signer.ts";
import { witnessLagMinutes, witnessQuorum } from "./params.ts";

export interface WitnessStatus {
  readonly name: string;
  readonly url: string | undefined;
  readonly at: Date | undefined;
  readonly size: number | undefined;
  readonly isLate: boolean;
  /** What came of the last exchange, where this process is the one that signs. */
  readonly answer: WitnessAnswer;
}

export interface WriterStatus {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  /** The highest number that has arrived. */
  readonly last: number;
  /** Numbers below it that are neither here nor closed. */
  readonly missing: number;
}

export interface Verification {
  readonly finished_at: Date;
  readonly size: number;
  readonly integrity: string;
  readonly completeness: string;
  readonly first_bad: number | null;
}

/** A system that the log is sent on to. */
export interface SinkStatus {
  readonly name: string;
  /** Entries that are not known to have arrived there. */
  readonly behind: number;
  readonly sentAt: Date | null;
  /** Why it fails now; null while it does not. */
  readonly code: string | null;
}

export interface AuditStatus {
  readonly size: number;
  readonly grownAt: Date | null;
  readonly leader: string | null;
  readonly checkpoint: SignedCheckpoint | undefined;
  readonly vkey: string | undefined;
  readonly witnesses: readonly WitnessStatus[];
  /** So many witnesses POL-AUDIT asks for. */
  readonly quorum: number;
  /** So many are named in the configuration: fewer than asked for, and nothing verifies. */
  readonly named: number;
  /** How many witnesses have seen the log within the limit. */
  readonly inTime: number;
  readonly writers: readonly WriterStatus[];
  readonly sinks: readonly SinkStatus[];
  readonly verification: Verification | undefined;
  readonly fork: Fork | undefined;
  /** The tlog-policy that an auditor verifies with: names and keys of this log, and its witnesses. */
  readonly trustPolicy: string;
}

/** How the log itself is doing: tree, signature, witnesses, writers, gaps, last verification. */
export const status = query({
  name: "audit.status",
  input: z.strictObject({}),
  async run({ tx, audit, params, now }): Promise<AuditStatus> {
    const head = await tx
      .selectFrom("audit.head")
      .select(["size", "grown_at", "leader", "forked"])
      .executeTakeFirstOrThrow();
    const checkpoint = await findCheckpoint(tx, "newest");
    const late = now.getTime() - params(witnessLagMinutes) * 60_000;
    const witnesses = await witnessStatus(tx, checkpoint?.origin ?? "", audit.witnesses, late);
    const fork = ForkFacts.safeParse(head.forked);
    return {
      size: Number(head.size),
      grownAt: head.grown_at,
      leader: head.leader,
      checkpoint,
      vkey: audit.signing?.vkey,
      witnesses,
      quorum: params(witnessQuorum),
      named: audit.witnesses.length,
      inTime: witnesses.filter(({ isLate }) => !isLate).length,
      writers: await writerStatus(tx),
      sinks: await sinkStatus(tx, audit.sinks, Number(head.size)),
      verification: await lastVerification(tx),
      fork: fork.success ? fork.data : undefined,
      trustPolicy: audit.trustPolicy(await signedOrigins(tx), params(witnessQuorum)),
    };
  },
});

/** The configured ones; one that nothing was sent to yet is behind by the whole log. */
async function sinkStatus(tx: Tx, configured: readonly string[], size: number): Promise<SinkStatus[]> {
  if (configured.length === 0) return [];
  const rows = await tx.selectFrom("audit.sink").select(["name", "next", "sent_at", "code"]).execute();
  return configured.map((name) => {
    const row = rows.find((one) => one.name === name);
    return {
      name,
      behind: Math.max(0, size - Number(row?.next ?? 0)),
      sentAt: row?.sent_at ?? null,
      code: row?.code ?? null,
    };
  });
}

/** Every name that the log has been signed under: one, unless it was restored. */
export async function signedOrigins(tx: Tx): Promise<string[]> {
  const rows = await tx
    .selectFrom("audit.checkpoint")
    .select("origin")
    .distinct()
    .orderBy("origin")
    .execute();
  return rows.map(({ origin }) => origin);
}

/** The configured witnesses, and those that have seen the log before. */
export async function witnessStatus(
  tx: Tx,
  origin: string,
  configured: readonly { name: string; url: string; answer: WitnessAnswer }[],
  late: number,
): Promise<WitnessStatus[]> {
  const seen = await lastWitnessed(tx, origin);
  const names = [...new Set([...configured.map(({ name }) => name), ...seen.map(({ witness }) => witness)])];
  return names.map((name) => {
    const last = seen.find(({ witness }) => witness === name);
    const address = configured.find((one) => one.name === name);
    return {
      name,
      url: address?.url,
      answer: address?.answer,
      at: last?.at,
      size: last?.size,
      isLate: last === undefined || last.at.getTime() < late,
    };
  });
}

/** Writers shown: the living, and the last few that ended. */
const WRITERS = 20;

async function writerStatus(tx: Tx): Promise<WriterStatus[]> {
  const { rows } = await sql<WriterStatus>`
    SELECT w.id, w.host, w.pid, w.started_at AS "startedAt", p.ended_at AS "endedAt",
           coalesce(upper(p.seen) - 1, 0)::float8 AS last,
           (SELECT coalesce(sum(upper(gap) - lower(gap)), 0)::float8
            FROM unnest(int8multirange(int8range(1, greatest(upper(p.seen), 1))) - p.seen) AS gap) AS missing
    FROM audit.writer w LEFT JOIN audit.writer_progress p ON p.writer = w.id
    ORDER BY p.ended_at IS NOT NULL, w.started_at DESC LIMIT ${WRITERS}`.execute(tx);
  return rows;
}

export async function lastVerification(tx: Tx): Promise<Verification | undefined> {
  return await tx
    .selectFrom("audit.verification")
    .select([
      "finished_at",
      sql<number>`size::float8`.as("size"),
      "integrity",
      "completeness",
      sql<number | null>`first_bad::float8`.as("first_bad"),
    ])
    .orderBy("finished_at", "desc")
    .limit(1)
    .executeTakeFirst();
}
