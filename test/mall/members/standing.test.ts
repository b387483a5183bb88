import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordConsent } from "../../../src/mall/members/consents.ts";
import { view } from "../../../src/mall/members/queries.ts";
import { endSessions, freeze, unfreeze } from "../../../src/mall/members/standing.ts";
import { type MembersWorld, membersWorld, refusalOf } from "./support.ts";

describe("what is done about a member", () => {
  let world: MembersWorld;
  beforeAll(async () => {
    world = await membersWorld();
  });
  afterAll(async () => await world.close());

  const look = async (member: string) => await world.door.ask(view, world.clerk, { member });

  it("freezes with a reason, ends the sessions, and unfreezes", async () => {
    const member = await world.member();
    const before = (await look(member)).member.sessions_valid_from;
    world.clock.advance(1_000);
    await world.door.execute(freeze, world.clerk, { member, version: 1, reason: "fraud_suspected" });
    const frozen = (await look(member)).member;
    expect(frozen).toMatchObject({ status: "frozen", status_reason: "fraud_suspected" });
    expect(frozen.sessions_valid_from.getTime()).toBeGreaterThan(before.getTime());
    const again = world.door.execute(freeze, world.clerk, { member, version: 2, reason: "fraud_suspected" });
    expect((await refusalOf(again)).code).toBe("state");
    await world.door.execute(unfreeze, world.clerk, { member, version: 2 });
    expect((await look(member)).member).toMatchObject({ status: "active", status_reason: null });
  });

  it("ends a member's sessions without touching what somebody is editing", async () => {
    const member = await world.member();
    world.clock.advance(1_000);
    await world.door.execute(endSessions, world.clerk, { member });
    expect((await look(member)).member.version).toBe(1);
  });

  it("records consent and withdrawal for ever, each under its version of the notice, the same only once", async () => {
    const member = await world.member();
    const say = async (granted: boolean) =>
      (
        await world.door.execute(recordConsent, world.clerk, {
          member,
          purpose: "marketing",
          granted,
          channel: "phone",
        })
      ).value;
    expect(await say(true)).toEqual({ recorded: true });
    expect(await say(true)).toEqual({ recorded: false });
    expect(await say(false)).toEqual({ recorded: true });
    const { consents } = await look(member);
    expect(consents.map((c) => [c.purpose, c.granted, c.policy_version])).toEqual([
      ["marketing", false, "2026-01"],
      ["marketing", true, "2026-01"],
      ["service", true, "2026-01"],
    ]);
    await expect(world.db.owner.query("DELETE FROM members.consent")).rejects.toThrow("only grows");
  });

  it("leaves an event when somebody opens the page, with nothing personal in it", async () => {
    const member = await world.member();
    await look(member);
    expect((await world.events()).at(-1)).toMatchObject({
      action: "members.view",
      crud: "r",
      target: [{ type: "member", id: member }],
    });
  });

  it("says not-found for a member who does not exist", async () => {
    const nobody = "0198f000-0000-7000-8000-000000000000";
    expect((await refusalOf(look(nobody))).kind).toBe("not-found");
    expect((await refusalOf(world.door.execute(endSessions, world.clerk, { member: nobody }))).kind).toBe(
      "not-found",
    );
  });
});
