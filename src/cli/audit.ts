import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { exportBundle } from "../platform/audit/evidence.ts";
import { parsePolicy } from "../platform/audit/policy.ts";
import { verifyDatabase } from "../platform/audit/verify-database.ts";
import { type Exit, UsageError, type Verb, type Work } from "./verb.ts";

/** The policy that this installation itself would trust: its own key under every name it has signed under. */
async function ownPolicy(work: Work, quorum: number): Promise<string> {
  const { audit, read } = await work.console();
  const rows = await read.selectFrom("audit.checkpoint").select("origin").distinct().execute();
  return audit.trustPolicy(
    rows.map((row) => row.origin),
    quorum,
  );
}

export const auditVerbs: readonly Verb[] = [
  {
    name: "audit verify",
    summary: "Reads the whole log and compares it with what was signed; integrity and completeness apart.",
    options: { quorum: { type: "string", default: "0" } },
    async run(work) {
      const quorum = Number(work.options["quorum"]);
      if (!Number.isInteger(quorum) || quorum < 0) throw new UsageError("--quorum takes a whole number");
      const { read, audit } = await work.console();
      await audit.settle();
      const report = await verifyDatabase(read, parsePolicy(Buffer.from(await ownPolicy(work, quorum))));
      work.answer(report);
      work.say(`origin        ${report.origin ?? "nothing signed yet"}`);
      work.say(`signed size   ${report.size}, ${report.unsigned} entries not signed yet`);
      work.say(`integrity     ${report.integrity.verdict}${detail(report.integrity)}`);
      work.say(`completeness  ${report.completeness.verdict}`);
      work.say(
        `witnesses     ${report.witnesses.seen.length} seen, quorum ${report.witnesses.quorumMet ? "met" : "not met"}`,
      );
      return report.exit;
    },
  },
  {
    name: "audit export",
    words: "FROM TO FILE.zip",
    summary: "Writes an evidence bundle of the entries FROM (inclusive) to TO (exclusive).",
    async run(work) {
      const [from, to] = [Number(work.words[0]), Number(work.words[1])];
      const file = work.words[2];
      if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to <= from || file === undefined) {
        throw new UsageError("give the first index, the index after the last, and a file");
      }
      const { read, audit } = await work.console();
      await audit.settle();
      const out = createWriteStream(file, { flags: "wx", mode: 0o600 });
      const written = await exportBundle(out, read, {
        content: { from, to },
        policy: await ownPolicy(work, 0),
        query: { from, to, by: "operator" },
      });
      if (!out.closed) await once(out, "close");
      work.answer({ file, ...written });
      work.say(`Written to ${file}. Check it anywhere: gatehouse-verify ${file}`);
      return 0 satisfies Exit;
    },
  },
];

function detail(verdict: { firstBad?: number; reason?: string }): string {
  const parts = [
    verdict.firstBad === undefined ? [] : [`first bad index ${verdict.firstBad}`],
    verdict.reason === undefined ? [] : [verdict.reason],
  ].flat();
  return parts.length === 0 ? "" : ` (${parts.join("; ")})`;
}
