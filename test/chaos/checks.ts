import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { modules } from "../../src/app.ts";
import type { Tx } from "../../src/door/tables.ts";
import { entriesBetween } from "../../src/platform/audit/bodies.ts";
import { parsePolicy, verifyIntegrity } from "../../src/platform/audit/gatehouse-verify.ts";
import { readSignerState } from "../../src/platform/audit/signer-state.ts";
import { verifyDatabase } from "../../src/platform/audit/verify-database.ts";
import { openReadPool } from "../../src/platform/database/index.ts";
import { readPostmaster } from "../../src/platform/database/postmaster.ts";
import { EVENTS, QUERIES, rules, TOLD } from "./rules.ts";

/** What clients were told, and may rely on. */
export interface Promises {
  commands: readonly string[];
  events: readonly string[];
  approvals: readonly string[];
}

export type Inspection = Awaited<ReturnType<typeof openInspection>>;

/** Looks at the database past the console, as its superuser. Close it before the server is killed. */
export async function openInspection(dataDir: string) {
  const postmaster = await readPostmaster(join(dataDir, "postgres"));
  const password = await readFile(join(dataDir, "postgres.password"), "utf8");
  const url = `postgres://postgres:${password}@127.0.0.1:${postmaster?.port ?? 0}/gatehouse`;
  const { pool, db } = openReadPool({ url: () => url, onError: () => {}, max: 2 });
  const names = modules.flatMap((module) => module.queries).map(({ name }) => name);

  return {
    /** The rules that are broken, with an example each. */
    async broken(told: Promises): Promise<string[]> {
      const client = await pool.connect();
      try {
        await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
        await client.query(EVENTS);
        await client.query(TOLD, [told.commands, told.events, told.approvals]);
        await client.query(QUERIES, [names]);
        const found: string[] = [];
        for (const [rule, text] of Object.entries(rules)) {
          const { rows } = await client.query<Record<string, unknown>>(text);
          if (rows.length > 0)
            found.push(`${rule}: ${rows.length} times no, first ${Object.values(rows[0] ?? {}).join(" ")}`);
        }
        await client.query("ROLLBACK");
        return found;
      } finally {
        client.release();
      }
    },

    /** What reading the whole log through brings to light; empty when it is verified and complete. */
    async verified(policy: string): Promise<{ faults: string[]; size: number; gaps: number }> {
      const report = await verifyDatabase(db, parsePolicy(Buffer.from(policy)));
      const { exit, integrity, completeness, size } = report;
      const gaps = completeness.writers?.gaps.length ?? 0;
      const good = exit === 0 && integrity.verdict === "verified" && completeness.verdict === "complete";
      return { faults: good ? [] : [`the log does not verify: ${JSON.stringify(report)}`], size, gaps };
    },

    signer: async () => await signerFaults(dataDir, db),

    /** Writers whose process is gone and whose range the sequencer has not closed yet. */
    async openWriters(): Promise<number> {
      const { rows } = await pool.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM audit.writer w LEFT JOIN audit.writer_progress p ON p.writer = w.id
         WHERE p.ended_at IS NULL AND w.host <> 'sequencer'`,
      );
      return rows[0]?.n ?? 0;
    },

    /** Imports that have not come to an end, and jobs that were given up. */
    async unfinished(): Promise<{ imports: number; failed: number }> {
      const { rows } = await pool.query<{ imports: number; failed: number }>(
        `SELECT (SELECT count(*)::int FROM members.import WHERE state IN ('checking', 'running')) AS imports,
                (SELECT count(*)::int FROM jobs.run WHERE state = 'failed') AS failed`,
      );
      return rows[0] ?? { imports: 0, failed: 0 };
    },

    /** How often each action is in the log, for the table at the end. */
    async tally(): Promise<{ action: string; outcome: string; n: number }[]> {
      const { rows } = await pool.query<{ action: string; outcome: string; n: number }>(
        `SELECT action, outcome, count(*)::int AS n FROM audit.log GROUP BY 1, 2 ORDER BY 3 DESC`,
      );
      return rows;
    },

    async close() {
      await db.destroy();
    },
  };
}

/** The signer's own state names a tree that the log really had: never one larger, never one of another content. */
async function signerFaults(dataDir: string, db: Tx): Promise<string[]> {
  const state = await readSignerState(join(dataDir, "signer", "state.json"));
  const signed = state?.signed;
  if (signed === undefined || signed === null) return [];
  const { size: inTree } = await db.selectFrom("audit.head").select("size").executeTakeFirstOrThrow();
  if (signed.size > Number(inTree))
    return [`the signer has signed ${signed.size} entries, the tree has ${Number(inTree)}`];
  const bodies = async function* () {
    for await (const batch of entriesBetween(db, 0, signed.size)) yield batch.map(({ body }) => body);
  };
  const root = Buffer.from(signed.root, "base64");
  const { intact } = await verifyIntegrity(bodies(), { size: signed.size, root });
  return intact ? [] : [`the signer has signed another tree of ${signed.size} entries`];
}
