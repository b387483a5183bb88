import { verifyLog } from "../audit/index.ts";
import { operator, UsageError, type Verb } from "./verb.ts";

export const auditVerbs: readonly Verb[] = [
  {
    name: "audit verify",
    summary: "Reads the whole log and compares it with what was signed; integrity and completeness apart.",
    options: { quorum: { type: "string" } },
    async run(work) {
      const given = work.options["quorum"];
      if (given !== undefined && !/^\d{1,2}$/.test(String(given)))
        throw new UsageError("--quorum takes a whole number");
      const { door } = await work.console();
      const report = await door.ask(
        verifyLog,
        operator(),
        given === undefined ? {} : { quorum: Number(given) },
      );
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
];

function detail(verdict: { firstBad?: number; reason?: string }): string {
  const parts = [
    verdict.firstBad === undefined ? [] : [`first bad index ${verdict.firstBad}`],
    verdict.reason === undefined ? [] : [verdict.reason],
  ].flat();
  return parts.length === 0 ? "" : ` (${parts.join("; ")})`;
}
