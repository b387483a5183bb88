import { afterAll, beforeAll, expect, test } from "vitest";
import { countCode } from "../../src/access/factor/attempt.ts";
import { regenerateRecovery } from "../../src/access/factor/commands.ts";
import { tryPassword } from "../../src/access/sign-in/sign-in.ts";
import { refusal } from "./refusals.ts";
import { accessWorld, browser, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  const params = {
    recovery_codes: 6,
    throttle_account_tries: 3,
    throttle_first_wait_seconds: 120,
    failures_worth_telling: 1,
  };
  world = await accessWorld({ wei: [], hao: [] }, { params });
});
afterAll(async () => await world.close());

test("there are as many recovery codes as the policy says", async () => {
  const session = await world.signIn("wei");
  expect((await world.bound(session, regenerateRecovery, {})).codes).toHaveLength(6);
});

test("the first wait is as long as the policy says", async () => {
  const count = async () =>
    await countCode(world.access.runtime.throttle, world.policy(), world.ids["hao"] ?? "", "000000");
  for (let i = 0; i < 3; i += 1) await count();
  expect((await refusal(count())).details.retryAfter).toBe(120);
});

test("a person is told of as few wrong tries as the policy says", async () => {
  const { runtime } = world.access;
  await refusal(tryPassword(runtime, { login: "wei", password: "not this one" }, browser({})));
  await world.signIn("wei");
  const told = await world.sql(
    "SELECT facts FROM access.notice WHERE person_id = $1 AND kind = 'signed_in_after_failures'",
    [world.ids["wei"]],
  );
  expect(told).toEqual([{ facts: { count: 1 } }]);
});
