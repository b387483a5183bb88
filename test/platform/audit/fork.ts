import { eventBody, inventLog } from "./evidence.ts";

/** As large as the real log of the tests, and different from entry 50 on. */
export const forkLog = inventLog(
  Array.from({ length: 1_000 }, (_, i) => eventBody(i, i < 50 ? {} : { note: "rewritten" })),
);
