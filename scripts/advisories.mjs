// Judges what `npm audit` knows about our components by policies/components.yaml. Exit 0: nothing overdue; 1: something
// is; 3: the registry could not be asked. `--report FILE`, `--policy FILE` and `--today YYYY-MM-DD` stand in for the
// registry, the list and the clock.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { parse } from "yaml";

const DAY_MS = 86_400_000;
const { values } = parseArgs({
  options: {
    report: { type: "string" },
    policy: { type: "string", default: new URL("../policies/components.yaml", import.meta.url).pathname },
    today: { type: "string", default: new Date().toISOString().slice(0, 10) },
  },
});

/** The report of `npm audit`; an error of the registry's comes in the same form, without vulnerabilities. */
function report() {
  if (values.report !== undefined) return JSON.parse(readFileSync(values.report, "utf8"));
  const shell = process.platform === "win32";
  const { stdout } = spawnSync("npm", ["audit", "--json"], { encoding: "utf8", shell });
  return JSON.parse(stdout || "{}");
}

/** Each advisory once, however many packages it comes through. */
function advisoriesIn({ vulnerabilities }) {
  const all = Object.values(vulnerabilities).flatMap(({ via }) =>
    via.filter((cause) => typeof cause !== "string"),
  );
  return [...new Map(all.map((one) => [one.url.split("/").at(-1), one]))];
}

/** Why an advisory is overdue; null when it is not. */
function overdue(id, { severity }, { open, deadline_days: days }) {
  const known = open.find((one) => one.id === id);
  if (known === undefined) return "is in no list: nobody has judged it";
  const limit = days[severity];
  if (limit === undefined) return `has a severity without a deadline, ${severity}`;
  const age = Math.floor((Date.parse(values.today) - Date.parse(known.known)) / DAY_MS);
  // a day that cannot be read is no excuse
  return age <= limit ? null : `${severity}, known since ${known.known}: more than ${limit} days`;
}

const found = report();
if (found.vulnerabilities === undefined) {
  console.log(`The registry could not be asked: ${found.message ?? "no answer"}`);
  process.exitCode = 3;
} else {
  const policy = parse(readFileSync(values.policy, "utf8"));
  const late = advisoriesIn(found)
    .map(([id, advisory]) => [id, advisory, overdue(id, advisory, policy)])
    .filter(([, , why]) => why !== null);
  for (const [id, { name }, why] of late) console.log(`${id} (${name}) ${why}`);
  console.log(`${advisoriesIn(found).length} advisories, ${late.length} overdue`);
  if (late.length > 0) process.exitCode = 1;
}
