import { z } from "zod";
import { command } from "../door/command.ts";
import type { Job } from "../platform/module.ts";
import { findCheckpoint } from "../platform/audit/checkpoints.ts";
import { verifyHours, witnessLagMinutes, witnessQuorum } from "./params.ts";
import { lastVerification, witnessStatus } from "./status.ts";

/**
 * Looks after the log itself once an hour: says in the log what the last verification came to and whether the
 * witnesses are in time, and starts the next verification when it is due.
 */
export const sweep = command({
  name: "audit.sweep",
  crud: "r",
  severity: 0,
  input: z.strictObject({}),
  async run({ tx, audit, params, record, now }) {
    const quorum = params(witnessQuorum);
    const checkpoint = await findCheckpoint(tx, "newest");
    const late = now.getTime() - params(witnessLagMinutes) * 60_000;
    const witnesses = await witnessStatus(tx, checkpoint?.origin ?? "", audit.witnesses, late);
    const inTime = witnesses.filter(({ isLate }) => !isLate).length;
    record.fact("witnesses_in_time", inTime);
    if (inTime < quorum) record.severity(4);

    const last = await lastVerification(tx);
    if (last !== undefined) {
      record.fact("verified_size", last.size);
      record.fact("integrity", last.integrity);
      record.fact("completeness", last.completeness);
      if (last.first_bad !== null) record.fact("first_bad", last.first_bad);
      if (last.integrity !== "verified") record.severity(5);
      else if (last.completeness === "incomplete") record.severity(4);
    }
    const due = now.getTime() - params(verifyHours) * 3_600_000;
    if (last === undefined || last.finished_at.getTime() < due) audit.verify(quorum);
    return {};
  },
});

const sweepJob: Job = {
  name: "audit.sweep",
  cron: "13 * * * *",
  async run({ door, credential }) {
    await door.execute(sweep, credential, {});
  },
};

export const jobs = [sweepJob];
