// A worker in a process of its own, to be killed while it holds a lease. Argument: the address of the jobs role.
import { setTimeout as delay } from "node:timers/promises";
import type { Door } from "../../../src/door/door.ts";
import { openJobsPool } from "../../../src/platform/database/pools.ts";
import { startWorker } from "../../../src/platform/jobs/worker.ts";

const url = process.argv[2] ?? "";
const silent = { info() {}, warn() {}, error() {} };
await startWorker({
  pool: openJobsPool({ url: () => url, onError: () => {} }),
  door: {} as Door, // its job asks nothing of it
  jobs: [
    {
      name: "t.killed",
      async run() {
        process.stdout.write("holding\n");
        await delay(60_000);
      },
    },
  ],
  attempts: async () => 5,
  log: silent,
  leaseSeconds: 2,
});
