import { afterAll, beforeAll, expect, test } from "vitest";
import { messages } from "../../views/messages/index.ts";
import { type TestConsole, testConsole } from "../support/console.ts";

let world: TestConsole;

beforeAll(async () => {
  world = await testConsole({ with: "people" });
}, 60_000);
afterAll(async () => await world.close());

test("the demo's first screen proposes what the person may try, and every step opens", async () => {
  const steps = world.console.modules.flatMap((module) => module.tour ?? []);
  expect(steps.length).toBeGreaterThan(8);
  const shown = new Set<string>();
  for (const role of ["compliance_officer", "people_administrator", "platform_operator", "member_reviewer"]) {
    const client = await world.session(world.loginOf(role));
    const home = await (await client.get("/")).text();
    for (const { label, path } of steps) {
      if (!home.includes(messages[label]["zh-CN"])) continue;
      shown.add(label);
      expect((await client.get(path)).status, path).toBe(200);
    }
  }
  expect([...shown].toSorted()).toEqual(steps.map(({ label }) => label).toSorted());
});

test("nobody is proposed what they may not do", async () => {
  const client = await world.session(world.loginOf("marketing"));
  const home = await (await client.get("/")).text();
  expect(home).toContain(messages["tour.me"].en);
  expect(home).not.toContain(messages["tour.keys"].en);
});
