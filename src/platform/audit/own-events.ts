import type { PoolClient } from "pg";
import type { StagedEvent } from "../../door/event.ts";
import { writeBody } from "./body.ts";
import { systemEvent } from "./system-event.ts";

/** The sequencer as a writer; registered by the migration. */
export const SEQUENCER_WRITER = "5e900e4c-0000-8000-8000-000000000001";

/** Something about a staged row that our own log never writes. */
export interface Fault {
  readonly fault: "duplicate" | "unreadable" | "misnumbered" | "gap";
  readonly writer: string;
  readonly seq: number;
}

/** Faults named in one event. */
const FAULTS_AN_EVENT = 200;

/** One event for each kind of fault: somebody wrote to the stage past the log, or removed what it wrote. */
export function integrityEvents(faults: readonly Fault[], at: Date): StagedEvent[] {
  const kinds = Map.groupBy(faults, ({ fault }) => fault);
  return [...kinds].map(([fault, found]) =>
    systemEvent(at, "audit.integrity", {
      severity: 4,
      outcome: { result: "failure", code: fault },
      target: [...new Set(found.map(({ writer }) => writer))]
        .slice(0, 20)
        .map((id) => ({ type: "audit-writer", id })),
      facts: {
        count: found.length,
        numbers: found
          .slice(0, FAULTS_AN_EVENT)
          .map(({ seq }) => seq)
          .join(" "),
      },
    }),
  );
}

/** Stages events of the sequencer itself, in its transaction; gives the last number used. */
export async function stageOwnEvents(
  client: Pick<PoolClient, "query">,
  lastSeq: number,
  events: readonly StagedEvent[],
): Promise<number> {
  if (events.length === 0) return lastSeq;
  const seqs = events.map((_, n) => lastSeq + 1 + n);
  const bodies = events.map(
    (event, n) => writeBody(event, { id: SEQUENCER_WRITER, seq: lastSeq + 1 + n }).body,
  );
  await client.query(
    "INSERT INTO audit.stage (writer, writer_seq, body) SELECT $1::uuid, * FROM unnest($2::bigint[], $3::bytea[])",
    [SEQUENCER_WRITER, seqs, bodies],
  );
  return lastSeq + events.length;
}
