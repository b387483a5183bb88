// Runs the benchmarks of dist/test/bench, compiled. Each exports `run({ large })`, which gives rows
// `{ name, ratio, limit, passed, detail? }`: ratios against a baseline of the same run, never bare times.
// Arguments that are no options choose files by a part of their name.
import { readdir } from "node:fs/promises";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { large: { type: "boolean", default: false } },
});
const directory = new URL("../dist/test/bench/", import.meta.url);
const files = (await readdir(directory)).filter((file) => file.endsWith(".js")).sort();

let failures = 0;
for (const file of files) {
  if (positionals.length > 0 && !positionals.some((part) => file.includes(part))) continue;
  const { run } = await import(new URL(file, directory).href);
  if (typeof run !== "function") continue; // shared parts of the others
  console.log(`\n${file.replace(/\.js$/, "")}`);
  for (const { name, ratio, limit, passed, detail } of await run({ large: values.large })) {
    if (!passed) failures++;
    console.log(
      `  ${passed ? "ok    " : "MISSED"}  ${name}: ${Number(ratio).toFixed(2)} (limit ${limit})${detail ? `, ${detail}` : ""}`,
    );
  }
}
if (failures > 0) process.exitCode = 1;
