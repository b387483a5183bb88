import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { readPostmaster } from "../../src/platform/database/postmaster.ts";
import { type Program, startProgram } from "../start/program.ts";

// Each test creates a database server; the machine may have other things to do.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 60_000 });

let dataDir: string;
let program: Program | undefined;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), `gatehouse-crash-${process.pid}-`));
});
afterEach(async () => {
  program?.signal("SIGKILL");
  await program?.ended;
  const postmaster = await readPostmaster(join(dataDir, "postgres"));
  if (postmaster !== undefined) process.kill(postmaster.pid, "SIGKILL");
  await rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

/** The real program, in which something goes wrong at SIGUSR2 where nobody catches it. */
async function brokenAt(deed: string): Promise<Program> {
  const script = join(dataDir, "broken.mjs");
  await writeFile(script, `process.on("SIGUSR2", () => { ${deed} })`);
  await chmod(script, 0o644);
  const NODE_OPTIONS = `--import ${pathToFileURL(script).href}`;
  program = await startProgram({ dataDir, env: { NODE_OPTIONS } });
  await program.hears(/sys_startup/);
  return program;
}

describe("16.5.4 a crash is logged, and the process ends for a fresh one to be started", () => {
  test.each([
    ["an exception that nobody caught", `throw new TypeError("of lin.wei, 13800138000")`],
    ["a promise that nobody waited for", `void Promise.reject(new TypeError("of lin.wei, 13800138000"))`],
  ])("%s", async (_, deed) => {
    const crashed = await brokenAt(deed);
    crashed.signal("SIGUSR2");
    expect(await crashed.ended).toBe(1);
    const line = crashed
      .said()
      .split("\n")
      .find((said) => said.includes("sys_crash"));
    // one line of the log is one JSON object
    expect(JSON.parse(line ?? "{}")).toMatchObject({ level: "error", error: { type: "TypeError" } });
    // what an error quotes may be somebody's
    expect(crashed.said()).not.toContain("13800138000");
    // the others are told that it goes: the stop was in good order
    expect(crashed.said()).toContain("sys_shutdown");
  });
});
