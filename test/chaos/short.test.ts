import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test, vi } from "vitest";
import { projectRoot } from "../../src/platform/root.ts";
import { chaos, type Summary } from "./run.ts";
import type { Target } from "./processes.ts";

// A console is created, killed and started again several times, on a machine that has other things to do.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });

const run = promisify(execFile);
/** Of all kinds of kills those that differ most; the long run has them all. */
const kinds: readonly Target[] = ["console", "postgres", "everything"];
let made: Summary;

beforeAll(async () => {
  // The victim is a program of its own, with pages in it, so it runs compiled.
  const root = projectRoot();
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  await run(process.execPath, [compiler, "-p", join(root, "tsconfig.bench.json")], { cwd: root });
  const program = join(root, "dist", "test", "chaos", "victim.js");
  made = await chaos({ rounds: kinds.length, targets: kinds, program, print: () => {} });
});

test("the console, PostgreSQL and both killed at work: nothing acknowledged is lost, nothing applied without its event", () => {
  expect(made.violations).toEqual([]);
  expect(made.acknowledged).toBeGreaterThan(10);
  expect(made.restarts).toHaveLength(2);
  expect(made.recoveries).toHaveLength(1);
});

test("what was acknowledged before a kill is answered the same after it", () => {
  expect(made.replayed).toBeGreaterThan(0);
});
