import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { edit } from "../../../src/mall/members/edit.ts";
import { restrict } from "../../../src/mall/members/restrict.ts";
import { revealChange } from "../../../src/mall/members/reveal-change.ts";
import { csv, wholeImport } from "./import/support.ts";
import { type MembersWorld, membersWorld, refusalOf } from "./support.ts";

const keep = { name: null, phone: null, email: null, sex: null, birth_date: null, tier: "standard" };

describe("opening what the log committed to", () => {
  let world: MembersWorld;
  beforeAll(async () => {
    world = await membersWorld();
  });
  afterAll(async () => await world.close());

  const looker = () => world.person("members.reveal_change");
  const ask = (member: string, event: string | null, over: object = {}) => ({
    member,
    event,
    field: "phone",
    purpose: "service_request",
    ticket: "T-2041",
    ...over,
  });
  const change = async (member: string, version: number, data: object) =>
    (await world.door.execute(edit, world.clerk, { member, version, ...keep, ...data })).event;

  it("shows both sides of one field of one event, and the look stands in the log before it, without a value", async () => {
    const id = await world.member({ phone: "13955551001" });
    const event = await change(id, 1, { phone: "13955551002", name: "何田田" });
    const look = await world.door.reveal(revealChange, looker(), ask(id, event));
    expect(look.value).toMatchObject({
      sides: [
        { side: "before", value: "+8613955551001" },
        { side: "after", value: "+8613955551002" },
      ],
      left: 2,
      minutes: 10,
    });
    const written = (await world.events()).find((e) => e["id"] === look.event);
    expect(written).toMatchObject({
      action: "members.reveal_change",
      crud: "r",
      severity: 2,
      purpose: { code: "service_request", ticket: "T-2041" },
      fields: ["phone"],
      facts: { field: "phone", budget_left: 2 },
      target: [
        { type: "member", id },
        { type: "audit-event", id: event },
      ],
    });
    expect(JSON.stringify(await world.events())).not.toContain("1395555100");
  });

  it("opens a field that was emptied, and one that an import wrote", async () => {
    const id = await world.member({ sex: "female" });
    const emptied = await change(id, 1, { clear: ["sex"] });
    const { value } = await world.door.reveal(revealChange, looker(), ask(id, emptied, { field: "sex" }));
    expect(value.sides).toMatchObject([{ side: "before", value: "female" }]);

    await wholeImport(world, csv("C00001,王小明,13955551003,,,,2024-01-01,"));
    const created = (await world.events()).findLast((e) => e["action"] === "members.import.created");
    const { rows } = await world.db.owner.query("SELECT id FROM members.member WHERE no = 'C00001'");
    const look = await world.door.reveal(revealChange, looker(), ask(rows[0].id, String(created?.["id"])));
    expect(look.value.sides).toMatchObject([{ side: "after", value: "+8613955551003" }]);
  });

  it("opens nothing of another member, another field or another event, and takes nothing from the budget for it", async () => {
    const [id, other] = [await world.member(), await world.member()];
    const event = await change(id, 1, { name: "何田田" });
    const one = looker();
    for (const input of [
      ask(id, event),
      ask(other, event, { field: "name" }),
      ask(id, other, { field: "name" }),
    ]) {
      expect((await refusalOf(world.door.reveal(revealChange, one, input))).kind).toBe("not-found");
    }
    expect(
      (await refusalOf(world.door.reveal(revealChange, one, ask(id, event, { ticket: "" })))).issues,
    ).toEqual(["ticket required"]);
    const { value } = await world.door.reveal(revealChange, one, ask(id, event, { field: "name" }));
    expect(value.left).toBe(2);
  });

  it("shares the day's budget with looks at the fields themselves", async () => {
    const id = await world.member();
    const event = await change(id, 1, { name: "何田田" });
    const one = looker();
    const look = async () => await world.door.reveal(revealChange, one, ask(id, event, { field: "name" }));
    for (let n = 0; n < 3; n += 1) await look();
    expect((await refusalOf(look())).code).toBe("reveal_budget");
  });

  it("opens restricted data on a named legal basis only (PIPL 47)", async () => {
    const id = await world.member({ phone: "13955551004" });
    const event = await change(id, 1, { phone: "13955551005" });
    const reason = "Erasure was asked for while a lawsuit goes on";
    await world.door.execute(restrict, world.clerk, { member: id, version: 2, reason });
    const without = world.door.reveal(revealChange, looker(), ask(id, event));
    expect((await refusalOf(without)).issues).toEqual(["basis required"]);
    const look = await world.door.reveal(
      revealChange,
      looker(),
      ask(id, event, { basis: "authority_order" }),
    );
    expect(look.value.sides.map(({ value }) => value)).toEqual(["+8613955551004", "+8613955551005"]);
    const { rows } = await world.db.owner.query(
      "SELECT state FROM vault.dek WHERE subject_id = $1 AND purpose = 'audit-detail'",
      [id],
    );
    expect(rows).toEqual([{ state: "restricted" }]);
  });
});
