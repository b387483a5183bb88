import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { list } from "../../../src/mall/members/list.ts";
import type { Credential } from "../../../src/door/actor.ts";
import { found, search } from "../../../src/mall/members/search.ts";
import { csv, wholeImport } from "./import/support.ts";
import { type MembersWorld, membersWorld, refusalOf } from "./support.ts";

describe("5.1.4 finding a member", () => {
  let world: MembersWorld;
  let ids: string[];
  beforeAll(async () => {
    world = await membersWorld();
    ids = [
      await world.member({ name: "阿卜杜拉·买买提", phone: "13900007788", email: "Abdulla@Example.com" }),
      await world.member({ name: "Li Hua", phone: "13800007788", email: "li.hua@example.com" }),
    ];
    for (let n = 0; n < 60; n += 1) await world.member({ name: "李华" });
  });
  afterAll(async () => await world.close());

  const find = async (by: string, text: string) => {
    const who = world.person("members.search", "members.found");
    const { value } = await world.door.execute(search, who, { by, text });
    return (await world.door.ask(found, who, { search: value.again })).rows;
  };

  it("finds by exact phone, mail, name, last four digits and number, in any spelling", async () => {
    expect((await find("phone", "+86 139-0000-7788")).map((r) => r.id)).toEqual([ids[0]]);
    expect((await find("email", "ABDULLA@example.com")).map((r) => r.id)).toEqual([ids[0]]);
    expect((await find("name", "阿卜杜拉・买买提")).map((r) => r.id)).toEqual([ids[0]]);
    expect((await find("name", "li hua")).map((r) => r.id)).toEqual([ids[1]]);
    expect((await find("last_four", "7788")).map((r) => r.id)).toEqual(expect.arrayContaining(ids));
    const [{ no } = { no: "" }] = await find("phone", "13900007788");
    expect((await find("member_no", no.toLowerCase())).map((r) => r.id)).toEqual([ids[0]]);
    expect(await find("phone", "13700000000")).toEqual([]);
  });

  it("gives masks, and leaves nothing of the question in the log", async () => {
    const [row] = await find("phone", "13900007788");
    expect(row).toMatchObject({
      name: { text: "阿*" },
      phone: { text: "139****7788" },
      email: { text: "a***@example.com" },
    });
    expect(JSON.stringify(row)).not.toContain("e1.A256GCM");
    const event = (await world.events()).at(-1);
    expect(event).toMatchObject({ action: "members.search", crud: "r", facts: { by: "phone", found: 1 } });
    expect(JSON.stringify(event)).not.toContain("13900007788");
  });

  it.each([
    ["phone", "12", "text phone"],
    ["email", "nobody", "text email"],
    ["last_four", "12345", "text last_four"],
    ["member_no", "?", "text member_no"],
  ])("refuses what is no %s", async (by, text, issue) => {
    expect((await refusalOf(find(by, text))).issues).toEqual([issue]);
  });

  it("slows down whoever tries out numbers", async () => {
    const person = world.person("members.search");
    const limited = await membersWorld({ params: { member_searches_per_minute: 2 } });
    const one = limited.person("members.search");
    const ask = () => limited.door.execute(search, one, { by: "phone", text: "13900000000" });
    await ask();
    await ask();
    expect(await refusalOf(ask())).toMatchObject({ kind: "throttled", code: "search_budget" });
    limited.clock.advance(60_000);
    await expect(ask()).resolves.toBeDefined();
    await limited.close();
    expect(person).toBeDefined();
  });

  it("shows what was found again to the same person for some minutes, and that is no search", async () => {
    const [who, other] = [world.person("members.search", "members.found"), world.person("members.found")];
    const { value } = await world.door.execute(search, who, { by: "phone", text: "13900007788" });
    const events = (await world.events()).length;
    const again = async (by: Credential) => await world.door.ask(found, by, { search: value.again });
    for (let n = 0; n < 3; n += 1) expect((await again(who)).rows.map((row) => row.id)).toEqual([ids[0]]);
    expect(await world.events()).toHaveLength(events);
    const { rows } = await world.db.owner.query("SELECT used FROM members.budget WHERE person = $1", [
      who.person,
    ]);
    expect(rows).toEqual([{ used: 1 }]);
    expect(Buffer.from(value.again, "base64url").toString("latin1")).not.toContain("13900007788");

    expect((await refusalOf(again(other))).issues).toEqual(["text format"]);
    // with nothing left to go on through it is no other search either
    const rest = world.door.execute(search, who, { by: "rest", text: value.again });
    expect((await refusalOf(rest)).issues).toEqual(["text format"]);
    world.clock.advance(10 * 60_000);
    expect((await refusalOf(again(who))).issues).toEqual(["text format"]);
  });

  it("gives the first answer when the same form is sent again, without counting it again", async () => {
    const person = world.person("members.search");
    const ask = async () =>
      await world.door.execute(
        search,
        person,
        { by: "phone", text: "13900007788" },
        { idempotencyKey: "form-1" },
      );
    const [first, second] = [await ask(), await ask()];
    expect([first.replayed, second.replayed]).toEqual([false, true]);
    expect(second.value).toEqual(first.value);
    const { rows } = await world.db.owner.query("SELECT used FROM members.budget WHERE person = $1", [
      person.person,
    ]);
    expect(rows).toEqual([{ used: 1 }]);
  });

  it("goes on through further candidates, so that nobody behind many strangers is said to be missing", async () => {
    const crowded = await membersWorld();
    const sought = await crowded.member({ name: "司徒雷登" });
    const people = Array.from(
      { length: 700 },
      (_, n) => `S${n},王小明,1362000${String(n).padStart(4, "0")},,,,2024-01-01,`,
    );
    await wholeImport(crowded, csv(...people));
    // strangers whose names fell on the same index value
    await crowded.db.owner.query("ALTER TABLE members.member DISABLE TRIGGER USER");
    await crowded.db.owner.query(
      "UPDATE members.member SET name_bx = (SELECT name_bx FROM members.member WHERE id = $1)",
      [sought],
    );
    await crowded.db.owner.query("UPDATE members.member SET registered_at = '2020-01-01' WHERE id = $1", [
      sought,
    ]);
    await crowded.db.owner.query("ALTER TABLE members.member ENABLE TRIGGER USER");
    const ask = async (who: Credential, input: { by: string; text: string }) =>
      (await crowded.door.execute(search, who, input)).value;

    const first = await ask(crowded.clerk, { by: "name", text: "司徒雷登" });
    expect(first).toMatchObject({ found: [], rest: expect.any(String) });
    expect((await crowded.events()).at(-1)).toMatchObject({ facts: { by: "name", found: 0, more: true } });
    const rest = { by: "rest", text: first.rest ?? "" };
    expect(await ask(crowded.clerk, rest)).toEqual({
      by: "name",
      found: [sought],
      rest: null,
      again: expect.any(String),
    });

    const other = crowded.person("members.search");
    expect((await refusalOf(ask(other, rest))).issues).toEqual(["text format"]);
    expect((await refusalOf(ask(crowded.clerk, { ...rest, text: "e1.x" }))).issues).toEqual(["text format"]);
    await crowded.close();
  });

  it("lists page after page without a gap or a double, and back again", async () => {
    const first = await world.door.ask(list, world.clerk, {});
    expect(first).toMatchObject({ total: 62, more: false, previous: undefined });
    expect(first.rows).toHaveLength(50);
    const second = await world.door.ask(list, world.clerk, { page: { after: first.next } });
    expect(second.rows).toHaveLength(12);
    expect(second.next).toBeUndefined();
    const all = [...first.rows, ...second.rows].map((row) => row.id);
    expect(new Set(all).size).toBe(62);
    const back = await world.door.ask(list, world.clerk, { page: { before: second.previous } });
    expect(back.rows.map((row) => row.id)).toEqual(first.rows.map((row) => row.id));
    expect(back.previous).toBeUndefined();
  });

  it("filters by what is no personal datum, and refuses a cursor that it did not write", async () => {
    expect((await world.door.ask(list, world.clerk, { status: "frozen" })).rows).toEqual([]);
    expect((await world.door.ask(list, world.clerk, { review: "submitted", tier: "standard" })).total).toBe(
      62,
    );
    const forged = Buffer.from('["x"]').toString("base64url");
    expect((await refusalOf(world.door.ask(list, world.clerk, { page: { after: forged } }))).issues).toEqual([
      "page format",
    ]);
  });
});
