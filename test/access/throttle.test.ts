import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addressGroup, agentName } from "../../src/access/sign-in/address.ts";
import { tryPassword } from "../../src/access/sign-in/sign-in.ts";
import { sweep } from "../../src/access/grants/sweep.ts";
import type { Counter } from "../../src/access/throttle.ts";
import { refusal } from "./refusals.ts";
import { accessWorld, browser, PASSWORD, type World } from "./world.ts";

const MINUTE = 60_000;
let world: World;
beforeAll(async () => {
  world = await accessWorld({ wei: [], hao: [], lan: [] });
});
afterAll(async () => await world.close());

const wrong = async (login: string, from: Parameters<typeof browser>[0] = {}) =>
  await refusal(tryPassword(world.access.runtime, { login, password: "wrong" }, browser(from)));
const right = async (login: string, from: Parameters<typeof browser>[0] = {}) =>
  await tryPassword(world.access.runtime, { login, password: PASSWORD }, browser(from));

describe("tries", () => {
  test("ten for an account, then the right password is no better than a wrong one, then it is again", async () => {
    for (let i = 0; i < 10; i += 1) await wrong("wei", { address: `192.0.2.${i}` });
    expect((await refusal(right("wei", { address: "192.0.2.100" }))).code).toBe("sign_in_failed");
    world.clock.advance(MINUTE);
    await right("wei", { address: "192.0.2.101" });
  });

  test("a success forgets the failures", async () => {
    for (let i = 0; i < 9; i += 1) await wrong("hao", { address: `192.0.2.${i}` });
    await right("hao", { address: "192.0.2.50" });
    for (let i = 0; i < 9; i += 1) await wrong("hao", { address: `192.0.2.${i}` });
    await right("hao", { address: "192.0.2.51" });
  });

  test("a known device has a budget of its own: strangers cannot lock the owner out", async () => {
    const { device } = await world.signIn("lan");
    for (let i = 0; i < 30; i += 1) await wrong("lan", { address: `198.51.100.${i}` });
    expect((await refusal(right("lan", { address: "198.51.100.99" }))).code).toBe("sign_in_failed");
    await world.signIn("lan", { address: "198.51.100.98", device });
  });

  test("sixty from one address, whatever the logins", async () => {
    const address = "2001:db8:1:2::77";
    for (let i = 0; i < 60; i += 1) await wrong(`stranger${i}`, { address });
    expect((await refusal(right("wei", { address: "2001:db8:1:2:ffff::1" }))).code).toBe("sign_in_failed");
    await right("wei", { address: "2001:db8:1:3::1" });
    world.clock.advance(16 * MINUTE);
    await right("wei", { address });
  });

  test("a hundred at once are a hundred tries", async () => {
    const counter: Counter = {
      scope: "account",
      subject: "at once",
      tries: 10,
      windowMinutes: 15,
      firstSeconds: 60,
      longestMinutes: 60,
    };
    const all = await Promise.all(
      Array.from({ length: 100 }, async () => await world.access.runtime.throttle.take(counter)),
    );
    expect(all.filter((taken) => !taken.blocked)).toHaveLength(10);
  });

  test("waits double up to an hour, and a quiet window forgets them", async () => {
    const { throttle } = world.access.runtime;
    const counter: Counter = {
      scope: "account",
      subject: "patient",
      tries: 3,
      windowMinutes: 15,
      firstSeconds: 60,
      longestMinutes: 60,
    };
    for (let i = 0; i < 3; i += 1) expect((await throttle.take(counter)).blocked).toBe(false);
    const waits: number[] = [];
    for (let i = 0; i < 9; i += 1) {
      const blocked = await throttle.take(counter);
      if (!blocked.blocked) throw new Error("it should wait");
      waits.push(blocked.retryAfter);
      world.clock.advance(blocked.retryAfter * 1000);
      expect((await throttle.take(counter)).blocked).toBe(false);
    }
    expect(waits).toEqual([60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
    world.clock.advance((60 + 15) * MINUTE);
    for (let i = 0; i < 3; i += 1) expect((await throttle.take(counter)).blocked).toBe(false);
  });

  test("keys are digests: no login and no address stands in the table", async () => {
    await wrong("a-login-to-look-for", { address: "203.0.113.99" });
    const rows = await world.sql("SELECT row_to_json(t)::text AS row FROM access.throttle t");
    const text = JSON.stringify(rows);
    for (const plain of ["a-login-to-look-for", "203.0.113.99"]) {
      expect(text).not.toContain(plain);
      expect(text).not.toContain(Buffer.from(plain).toString("hex"));
    }
  });

  test("old counters are swept through the door, which says how many in the log", async () => {
    world.clock.advance(48 * 60 * MINUTE);
    await wrong("wei", { address: "192.0.2.200" });
    const count = async () => (await world.sql("SELECT count(*)::int AS n FROM access.throttle"))[0]?.["n"];
    const before = Number(await count());
    await world.door.execute(sweep, { type: "scheduler", job: "access.sweep" }, {});
    expect(await count()).toBe(2);
    expect((await world.events("access.sweep")).at(-1)?.facts?.["counters_forgotten"]).toBe(before - 2);
  });

  test("no page is handed a connection that writes: only two bound functions", () => {
    const held = Object.entries(world.access.runtime);
    expect(held.filter(([, part]) => Object(part) === part && "connect" in Object(part))).toEqual([]);
    expect(Object.keys(world.access.runtime.throttle).toSorted()).toEqual(["clear", "giveBack", "take"]);
    expect(typeof world.access.runtime.touchSession).toBe("function");
  });
});

describe("an address", () => {
  test.each([
    ["203.0.113.7", "203.0.113.7"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["2001:0DB8:0001:0002:0003:0004:0005:0006", "2001:db8:1:2::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
  ])("%s counts as %s", (ip, group) => {
    expect(addressGroup(ip)).toBe(group);
  });

  test("a browser is named as its person knows it", () => {
    expect(
      agentName("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36"),
    ).toBe("Chrome · Windows");
    expect(agentName(undefined)).toBe("?");
    expect(agentName("<script>")).toBe("?");
  });
});
