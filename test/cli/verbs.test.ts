import { userInfo } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { auditVerbs } from "../../src/cli/audit.ts";
import { machineVerbs } from "../../src/cli/machine.ts";
import type { Work } from "../../src/cli/verb.ts";
import { eventually } from "../support/audit.ts";
import { type TestConsole, testConsole } from "../support/console.ts";

const verbs = [...auditVerbs, ...machineVerbs];

let world: TestConsole;
beforeAll(async () => {
  world = await testConsole({ with: "people" });
});
afterAll(async () => await world.close());

/** Runs a verb as the command line would, on the console of this file. */
async function run(name: string, options: Work["options"] = {}) {
  const verb = verbs.find((one) => one.name === name);
  if (verb === undefined) throw new Error(`there is no ${name}`);
  let answer: unknown;
  const exit = await verb.run({
    config: world.console.config,
    options,
    words: [],
    console: async () => world.console,
    say: () => {},
    answer: (value) => (answer = value),
  });
  return { exit, answer };
}

test("audit verify reads the log through, and is in the log itself under the operator's name", async () => {
  await eventually("something is signed", async () => world.console.audit.signing !== undefined);
  const { exit, answer } = await run("audit verify"); // the shipped policy asks for no witness
  expect(exit).toBe(0);
  expect(answer).toMatchObject({ integrity: { verdict: "verified" }, completeness: { verdict: "complete" } });

  await world.console.audit.settle();
  const looks = await world.console.read
    .selectFrom("audit.log")
    .select(["actor_id", "outcome"])
    .where("action", "=", "audit.verify")
    .execute();
  expect(looks).toEqual([{ actor_id: userInfo().username, outcome: "success" }]);
});

test("audit verify with a quorum that is not there cannot tell, and takes whole numbers only", async () => {
  const { exit, answer } = await run("audit verify", { quorum: "1" });
  expect(exit).toBe(2);
  expect(answer).toMatchObject({ integrity: { verdict: "verified" }, witnesses: { quorumMet: false } });
  for (const quorum of ["-1", "1.5", "", "all"])
    await expect(run("audit verify", { quorum })).rejects.toThrow("whole number");
});

test("keys status asks the query that the page asks", async () => {
  const { exit, answer } = await run("keys status");
  expect(exit).toBe(0);
  expect(answer).toMatchObject({ provider: { version: 1 }, counts: [{ version: 1, state: "active" }] });
});

test("there is no verb that takes events out: that is a command, with a permission and a second factor", () => {
  expect(verbs.map(({ name }) => name)).not.toContain("audit export");
});
