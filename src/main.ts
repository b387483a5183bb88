import { userInfo } from "node:os";
import { pathToFileURL } from "node:url";
import { type Console, openConsole } from "./app.ts";
import { ConfigError, loadConfig } from "./platform/config.ts";
import { DataDirectoryTaken, MigrationRefused } from "./platform/database/index.ts";
import { isSecure, listen } from "./platform/http/index.ts";
import { createLog, type Log } from "./platform/log.ts";
import { PolicyFileError } from "./platform/policy/index.ts";
import { KeyringError } from "./platform/vault/index.ts";

/** Starts the console and stays until it is told to stop. Gives the exit code. */
export async function main(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const config = loadConfig(env, { demo: args.includes("--demo"), cwd: process.cwd() });
  const log = createLog(config.logLevel);
  const stopped = stopSignal();

  // a console in earnest never loads what makes people and sessions that nobody proved (ASVS 15.2.3)
  const demo = config.demo ? await import("./demo/index.ts") : null;

  let lost: Error | undefined;
  const console = await openConsole({
    config,
    log,
    use: "console",
    extra: demo?.demoModules ?? [],
    onLost(error) {
      lost = error;
      stopped.now();
    },
  });
  try {
    await demo?.loadDemo(console, say);
    await serve(console, say, stopped.when);
  } finally {
    await console.close();
  }
  if (lost !== undefined) log.error("sys_crash", { code: "database_lost", error: lost });
  return lost === undefined ? 0 : 1;
}

async function serve(console: Console, say: (line: string) => void, stopped: Promise<void>): Promise<void> {
  const { config, log } = console;
  const server = await listen(console.http(), config);
  const origin = config.publicOrigin ?? server.url;
  const worker = await console.work();
  try {
    say(`Gatehouse is ready at ${server.url}`);
    const link = await console.setupLink(origin, userInfo().username);
    if (link !== null) say(`There is no administrator yet. Open this once, within 30 minutes: ${link}`);
    if (!isSecure({ publicOrigin: origin })) say("Served without TLS: for this machine only.");
    log.info("sys_startup", { host: server.host, port: server.port });
    await stopped;
    log.info("sys_shutdown");
  } finally {
    // no new requests, the running ones finish, then the jobs
    await server.close();
    await worker.stop();
  }
}

/** SIGTERM and SIGINT ask for an orderly stop; a second one does not wait. */
function stopSignal(): { when: Promise<void>; now(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => resolve());
  }
  return { when: promise, now: resolve };
}

/** What an operator can do something about is told in words, without a stack. */
function explain(error: unknown): string | null {
  const known = [ConfigError, DataDirectoryTaken, MigrationRefused, PolicyFileError, KeyringError];
  return error instanceof Error && known.some((kind) => error instanceof kind) ? error.message : null;
}

/** Milliseconds for an orderly stop after a crash; whatever hangs then is left to the system. */
const CRASH_GRACE = 1_000;

/**
 * Whatever gets here is in an unknown state: say so, and let the service manager start a fresh one (ASVS 16.5.4). Gives
 * whether it happened: an orderly stop after a crash is no success.
 */
function lastResort(log: Log): { happened: () => boolean } {
  let happened = false;
  const crash = (error: unknown) => {
    log.error("sys_crash", { error });
    happened = true;
    process.exitCode = 1;
    setTimeout(() => process.exit(1), CRASH_GRACE).unref();
    process.kill(process.pid, "SIGTERM");
  };
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
  return { happened: () => happened };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const crash = lastResort(createLog("error"));
  try {
    const code = await main(process.argv.slice(2), process.env);
    process.exitCode = crash.happened() ? 1 : code;
  } catch (error) {
    process.stderr.write(`${explain(error) ?? (error instanceof Error ? error.stack : String(error))}\n`);
    process.exitCode = 1;
  }
}
