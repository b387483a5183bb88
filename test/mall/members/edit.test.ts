import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { edit } from "../../../src/mall/members/edit.ts";
import { view } from "../../../src/mall/members/queries.ts";
import { review } from "../../../src/mall/members/review.ts";
import { type MembersWorld, membersWorld, refusalOf } from "./support.ts";

const keep = { name: null, phone: null, email: null, sex: null, birth_date: null, tier: "standard" };

describe("5.1.3 changing a member's data", () => {
  let world: MembersWorld;
  beforeAll(async () => {
    world = await membersWorld();
  });
  afterAll(async () => await world.close());

  const change = async (member: string, version: number, data: object) =>
    (await world.door.execute(edit, world.clerk, { ...keep, member, version, ...data })).value.changed;
  const look = async (member: string) => await world.door.ask(view, world.clerk, { member });
  const verify = async (member: string) => {
    await world.db.owner.query("ALTER TABLE members.member DISABLE TRIGGER through_the_door");
    await world.db.owner.query(
      "UPDATE members.member SET phone_verified_at = now(), email_verified_at = now() WHERE id = $1",
      [member],
    );
    await world.db.owner.query("ALTER TABLE members.member ENABLE TRIGGER through_the_door");
  };

  it("keeps what is left empty, changes what is given, and says so by commitments only", async () => {
    const id = await world.member({ phone: "13911110001" });
    expect(await change(id, 1, { name: "钱多多" })).toEqual(["name"]);
    const { data, member } = await look(id);
    expect(data.map(({ mask }) => mask.text)).toEqual([
      "钱*",
      "***",
      "19**",
      "139****0001",
      expect.stringContaining("***@"),
    ]);
    expect(member.version).toBe(2);
    const event = (await world.events()).findLast((e) => e["action"] === "members.edit");
    expect(event?.["change"]).toEqual([
      {
        field: "name",
        before_commit: expect.stringMatching(/^[0-9a-f]{64}$/),
        after_commit: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
  });

  it("asks for a new proof of a new phone or mail, and of nothing else", async () => {
    const id = await world.member();
    await verify(id);
    await change(id, 1, { name: "孙行" });
    expect((await look(id)).member).toMatchObject({ phone_verified_at: expect.any(Date) });
    await change(id, 2, { phone: "13911110002" });
    expect((await look(id)).member).toMatchObject({
      phone_verified_at: null,
      email_verified_at: expect.any(Date),
    });
    await change(id, 3, { email: "new@example.com" });
    expect((await look(id)).member).toMatchObject({ email_verified_at: null });
  });

  it("submits changed data for review again, but not a new tier", async () => {
    const id = await world.member();
    const reviewer = world.person("members.review");
    await world.door.execute(review, reviewer, { member: id, version: 1, decision: "approve" });
    await change(id, 2, { tier: "gold" });
    expect((await look(id)).member).toMatchObject({ review_state: "approved", tier: "gold" });
    await change(id, 3, { birth_date: "1980-01-01", tier: "gold" });
    expect((await look(id)).member.review_state).toBe("submitted");
  });

  it("takes what is stored already for no change", async () => {
    const id = await world.member({ name: "周  舟", phone: "139 1111 0003" });
    expect(await change(id, 1, { name: "周 舟", phone: "+8613911110003", sex: "女" })).toEqual([]);
    expect((await look(id)).member.version).toBe(1);
  });

  it("empties fields on request, but leaves a way to reach the member", async () => {
    const id = await world.member();
    expect(await change(id, 1, { clear: ["sex", "phone"] })).toEqual(["sex", "phone"]);
    expect((await look(id)).data.map(({ mask }) => mask.state)).toEqual([
      "open",
      "empty",
      "open",
      "empty",
      "open",
    ]);
    expect((await refusalOf(change(id, 2, { clear: ["email"] }))).issues).toEqual(["phone contact"]);
  });

  it("refuses a stale form, and of two editors exactly one wins", async () => {
    const id = await world.member();
    const results = await Promise.allSettled([
      change(id, 1, { name: "甲乙" }),
      change(id, 1, { name: "丙丁" }),
    ]);
    expect(results.map((r) => r.status).sort()).toEqual(["fulfilled", "rejected"]);
    expect((await refusalOf(change(id, 1, { name: "戊己" }))).kind).toBe("conflict");
  });

  it("refuses a phone that another member has", async () => {
    await world.member({ phone: "13911110004" });
    const id = await world.member();
    expect((await refusalOf(change(id, 1, { phone: "13911110004" }))).issues).toEqual(["phone taken"]);
  });
});
