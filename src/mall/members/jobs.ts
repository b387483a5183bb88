import type { Job } from "../../platform/module.ts";
import { chunk } from "./import/step.ts";
import { sweep } from "./import/sweep.ts";
import { countMembers, recordStatistics } from "./statistics.ts";

/** Takes an import's steps one after the other until none is left. Killed, it is woken again and goes on where it was. */
const importJob: Job = {
  name: "members.import",
  async run({ door, credential, signal }, payload) {
    for (let more = true; more && !signal.aborted; ) {
      more = (await door.execute(chunk, credential, { import: payload["import"] })).value.more;
    }
  },
};

const sweepJob: Job = {
  name: "members.sweep",
  cron: "*/10 * * * *",
  async run({ door, credential, signal }) {
    for (let more = true; more && !signal.aborted; ) {
      more = (await door.execute(sweep, credential, {})).value.more;
    }
  },
};

/** Counts the members once a night, and after an import. */
const statisticsJob: Job = {
  name: "members.statistics",
  cron: "20 18 * * *",
  async run({ door, credential }) {
    const counted = await door.ask(countMembers, credential, {});
    await door.execute(recordStatistics, credential, counted);
  },
};

export const jobs = [importJob, sweepJob, statisticsJob];
