// Runs everything that must hold, and says in one closing line how it went. Arguments choose files, as with vitest.
import { relative } from "node:path";
import { startVitest } from "vitest/node";

const root = process.cwd();
const vitest = await startVitest("test", process.argv.slice(2), { run: true, watch: false });
const modules = vitest.state.getTestModules();

const counts = { passed: 0, failed: 0, skipped: 0 };
const skips = [];
for (const module of modules) {
  const file = relative(root, module.moduleId);
  for (const test of module.children.allTests()) {
    const { state, note } = { note: undefined, ...test.result() };
    if (state === "passed") counts.passed++;
    else if (state === "failed") counts.failed++;
    else {
      counts.skipped++;
      skips.push(`  skipped: ${file} > ${test.fullName}${note ? ` (${note})` : ""}`);
    }
  }
  // A file that does not load, or a set-up that throws, fails without any test of its own.
  const broken = [module, ...module.children.allSuites()].filter((suite) => suite.errors().length > 0);
  counts.failed += broken.length;
}
// Errors outside of any test: an unhandled rejection, a failed global set-up.
counts.failed += vitest.state.getUnhandledErrors().length;
if (modules.length === 0) counts.failed++;
await vitest.close();

if (skips.length > 0) console.log(`\n${skips.join("\n")}`);
const strict = Boolean(process.env.CI);
if (strict && counts.skipped > 0) console.log("In CI everything a test needs is there: a skip is a failure.");
process.exitCode = counts.failed > 0 || (strict && counts.skipped > 0) ? 1 : 0;
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
