import type { Job } from "../../platform/module.ts";
import { forgetHistory } from "./commands.ts";

/** At night in the mall's part of the world: 03:40 in Shanghai. */
export const forgetJob: Job = {
  name: "system.forget",
  cron: "40 19 * * *",
  async run({ door, credential }) {
    await door.execute(forgetHistory, credential, {});
  },
};
