// Everything that can be judged without running the program, as one readable list. Goes on after a failure, so that
// one run shows all there is to mend.
import { spawnSync } from "node:child_process";

const steps = [
  ["format", "oxfmt", "--check"],
  ["lint", "oxlint", "--type-aware", "--deny-warnings"],
  ["types of the program", "tsc", "-p", "tsconfig.json", "--noEmit", "--incremental", "false"],
  ["types of the tests", "tsc", "-p", "tsconfig.test.json"],
  ["dead code", "knip", "--no-progress"],
  // without the tests: what only they use is no part of the program, unless it says so (@internal)
  ["dead code of the program", "knip", "--production", "--no-progress"],
  [
    "layers, table types, grants, documents in sync",
    "vitest",
    "run",
    "test/architecture",
    "test/platform/database/schema",
    "test/platform/database/grants",
    "test/platform/database/docs",
  ],
];

const env = { ...process.env, PATH: `${process.cwd()}/node_modules/.bin:${process.env.PATH}` };
const failed = [];
for (const [name, program, ...args] of steps) {
  const started = performance.now();
  const result = spawnSync(program, args, { env, encoding: "utf8", shell: process.platform === "win32" });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const ok = result.status === 0;
  console.log(`${ok ? "ok    " : "FAILED"}  ${name} (${seconds} s)`);
  if (ok) continue;
  failed.push(name);
  console.log(
    `${result.stdout ?? ""}${result.stderr ?? ""}${result.error ?? ""}`
      .trimEnd()
      .replaceAll(/^/gm, "        "),
  );
}
if (failed.length > 0) {
  console.log(`\nTo mend: ${failed.join("; ")}`);
  process.exitCode = 1;
}
