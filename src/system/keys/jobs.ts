import { z } from "zod";
import type { Job } from "../../platform/module.ts";
import { Id } from "../../door/ids.ts";
import { REWRAP_JOB, rewrapKeys } from "./commands.ts";

const Payload = z.object({ rotation: Id });

/** Rewraps step by step until the rotation is finished; stops between two steps when the console stops. */
export const rewrapJob: Job = {
  name: REWRAP_JOB,
  async run({ door, credential, signal }, payload) {
    const { rotation } = Payload.parse(payload);
    for (;;) {
      const { value } = await door.execute(rewrapKeys, credential, { rotation });
      if (value.finished) return;
      signal.throwIfAborted();
    }
  },
};
