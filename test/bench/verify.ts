import { hash } from "node:crypto";
import { canonicalBody } from "../../src/platform/audit/canonical.ts";
import { verifyIntegrity, WriterLedger } from "../../src/platform/audit/gatehouse-verify.ts";

interface BenchRow {
  readonly name: string;
  readonly ratio: number;
  readonly limit: number;
  readonly passed: boolean;
  readonly detail: string;
}

const start = Date.UTC(2026, 0, 1);

/** An event as the door writes it: a reveal by a person of the service team, all its usual parts filled in. */
function eventBody(index: number): Buffer {
  const id = `0190b7c4-7c4e-7e4e-8e4e-${String(index).padStart(12, "0")}`;
  return canonicalBody({
    v: 1,
    id,
    at: new Date(start + index * 20).toISOString(),
    writer: { id: "0190b7c4-0000-7e4e-8e4e-000000000001", seq: index + 1 },
    actor: { type: "user", id, display: "wang.fang", roles: ["service"] },
    session: { id_hash: "8d969eef6ecad3c29a3a629280e686cf", aal: 2, mfa_at: "2026-01-01T08:00:00.000Z" },
    action: "members.reveal",
    crud: "r",
    category: "personal-data",
    target: [{ type: "member", id, label: `M${index}` }],
    fields: ["phone"],
    purpose: { code: "ticket", ticket: `T-${index}` },
    outcome: { result: "success" },
    request: { id, ip: "10.0.0.12", route: "/members/:id/reveal", method: "POST" },
    policy: { id: "access", version: "3", set: "a".repeat(64) },
    severity: 2,
  });
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1000;
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** A million events, in twenty logs of 50,000: the variants take turns, so that a busy moment slows each alike. */
const LOGS = 20;
const EVENTS = 50_000;

/**
 * What verifying costs, against hashing the bytes of each event once (one-shot `crypto.hash`) in the same run.
 */
export async function run(): Promise<BenchRow[]> {
  const ratios = { integrity: [] as number[], completeness: [] as number[] };
  let bytes = 0;
  for (let log = 0; log < LOGS; log++) {
    const bodies = Array.from({ length: EVENTS }, (_, i) => eventBody(log * EVENTS + i));
    bytes = bodies[0]?.length ?? 0;
    const head = await verifyIntegrity(bodies, { size: 0, root: Buffer.alloc(32) });
    const hashing = await seconds(async () => {
      for (const body of bodies) hash("sha256", body);
    });
    const integrity = await seconds(async () => {
      if (!(await verifyIntegrity(bodies, head)).intact)
        throw new Error("the log of the bench does not verify");
    });
    const completeness = await seconds(async () => {
      const ledger = new WriterLedger();
      await verifyIntegrity(bodies, head, { visit: ledger.visit });
      if (ledger.report().gaps.length > 0) throw new Error("the log of the bench has gaps");
    });
    ratios.integrity.push(integrity / hashing);
    ratios.completeness.push(completeness / hashing);
  }

  const row = (name: string, measured: number[], limit: number): BenchRow => {
    const ratio = median(measured);
    const detail = `${LOGS * EVENTS} events of about ${bytes} bytes`;
    return { name, ratio, limit, passed: ratio <= limit, detail };
  };
  return [
    row("verify: integrity / hashing once", ratios.integrity, 2.5),
    row("verify: integrity and completeness / hashing once", ratios.completeness, 5),
  ];
}
