import { afterAll, beforeAll, expect, test } from "vitest";
import { accessModule } from "../../src/access/index.ts";
import { inbox, mine } from "../../src/access/approvals/queries.ts";
import { listBreakGlass } from "../../src/access/break-glass/queries.ts";
import { demoWorld } from "../../src/demo/index.ts";
import { roster } from "../../src/demo/roster.ts";
import type { DemoWorld } from "../../src/platform/module.ts";
import { type TestConsole, testConsole } from "../support/console.ts";

let console: TestConsole;
let world: DemoWorld;
beforeAll(async () => {
  console = await testConsole({ with: "people" });
  world = demoWorld(console.console);
  await accessModule.demo?.(world);
}, 120_000);
afterAll(async () => await console.close());

test("every role of the rules has somebody, and enough may break the glass", async () => {
  const { roles, access } = await console.console.rules(console.console.read);
  const held = new Set(roster.flatMap((person) => person.roles));
  expect([...roles.keys()].filter((role) => !held.has(role))).toEqual([]);
  const holders = roster.filter((person) => person.roles.includes("emergency_holder"));
  expect(holders.length).toBeGreaterThanOrEqual(access.break_glass.holders_at_least);
});

test("an approver finds something to answer, and whoever asked an answer", async () => {
  const waiting = await world.door.ask(inbox, await world.as("zhao.min"), {});
  expect(waiting.map(({ requester, state }) => [requester, state])).toEqual([["liu.bo", "open"]]);
  const asked = await world.door.ask(mine, await world.as("liu.bo"), {});
  expect(new Set(asked.map(({ state }) => state))).toEqual(new Set(["denied", "open"]));
});

test("a broken glass waits for its review", async () => {
  const glasses = await world.door.ask(listBreakGlass, await world.as("lin.wei"), {});
  expect(glasses.map(({ login, reviewedAt }) => [login, reviewedAt])).toEqual([["he.jing", null]]);
});
