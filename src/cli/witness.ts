import { systemClock } from "../door/clock.ts";
import { parseVkey } from "../platform/audit/note.ts";
import { startWitness } from "../platform/witness/index.ts";
import { UsageError, type Verb, type Work } from "./verb.ts";

function option(work: Work, name: string): string | undefined {
  const value = work.options[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

function needed(work: Work, name: string): string {
  const value = option(work, name);
  if (value === undefined) throw new UsageError(`--${name} is missing`);
  return value;
}

export const witnessVerbs: readonly Verb[] = [
  {
    name: "audit witness",
    summary:
      "Runs a witness: a process of its own, meant for another machine, that cosigns honest checkpoints.",
    options: {
      state: { type: "string" },
      name: { type: "string" },
      log: { type: "string" },
      listen: { type: "string" },
      pull: { type: "string" },
      every: { type: "string", default: "60" },
    },
    async run(work) {
      const listen = option(work, "listen");
      const pull = option(work, "pull");
      if (listen === undefined && pull === undefined)
        throw new UsageError("give --listen HOST:PORT, --pull URL, or both");
      const log = parseVkey(needed(work, "log"));
      const witness = await startWitness({
        stateDir: needed(work, "state"),
        name: needed(work, "name"),
        logs: [log],
        clock: systemClock,
        ...(listen === undefined ? {} : { listen: addressOf(listen) }),
        ...(pull === undefined ? {} : { pull: { url: pull, log, everyMs: secondsOf(work) * 1000 } }),
        onAlarm: (alarm) => work.say(`ALARM ${JSON.stringify(alarm)}`),
        onError: (error) =>
          work.say(`could not reach the log: ${error instanceof Error ? error.message : String(error)}`),
      });
      work.say(`Witness key: ${witness.vkey}`);
      if (witness.address !== undefined) work.say(`Listening at ${witness.address}`);
      await new Promise<void>((resolve) => {
        for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
      });
      await witness.close();
      return 0;
    },
  },
];

function addressOf(text: string): { host: string; port: number } {
  const url = URL.parse(`http://${text}`);
  if (url === null || url.port === "") throw new UsageError("--listen takes HOST:PORT");
  return { host: url.hostname, port: Number(url.port) };
}

function secondsOf(work: Work): number {
  const seconds = Number(work.options["every"]);
  if (!Number.isInteger(seconds) || seconds < 1) throw new UsageError("--every takes whole seconds");
  return seconds;
}
