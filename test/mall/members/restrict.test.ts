import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { edit } from "../../../src/mall/members/edit.ts";
import { downloadExport, exportMember } from "../../../src/mall/members/exports.ts";
import { view } from "../../../src/mall/members/queries.ts";
import { restrict } from "../../../src/mall/members/restrict.ts";
import { revealField } from "../../../src/mall/members/reveal.ts";
import { newPassphrase } from "../../../src/mall/members/sealed-file.ts";
import { type MembersWorld, membersWorld, refusalOf } from "./support.ts";

describe("PIPL 47: a member's data is restricted to storage and protection", () => {
  let world: MembersWorld;
  beforeAll(async () => {
    world = await membersWorld();
  });
  afterAll(async () => await world.close());

  const reason = "Erasure was asked for while a lawsuit goes on";
  const close = async (member: string, version = 1) =>
    await world.door.execute(restrict, world.clerk, { member, version, reason });
  const look = { field: "phone", purpose: "data_review", ticket: "" };

  it("closes the masks, takes no change and no second time, and the log says so without the reason", async () => {
    const id = await world.member();
    await close(id);
    const { data } = await world.door.ask(view, world.clerk, { member: id });
    expect(data.map(({ mask }) => mask)).toEqual(data.map(() => ({ state: "sealed", text: "" })));
    const change = { name: "钱多多", phone: null, email: null, sex: null, birth_date: null, tier: "gold" };
    const edited = world.door.execute(edit, world.clerk, { member: id, version: 2, ...change });
    expect((await refusalOf(edited)).kind).toBe("frozen");
    const kept = { name: null, phone: null, email: null, sex: null, birth_date: null, tier: "standard" };
    for (const without of [
      { ...kept, clear: ["sex"] },
      { ...kept, tier: "gold" },
    ]) {
      const tried = world.door.execute(edit, world.clerk, { member: id, version: 2, ...without });
      expect(await refusalOf(tried)).toMatchObject({ kind: "frozen", code: "vault_key_restricted" });
    }
    expect((await refusalOf(close(id, 2))).kind).toBe("conflict");
    const event = (await world.events()).find((e) => e["action"] === "members.restrict");
    expect(event).toMatchObject({
      severity: 3,
      target: [{ type: "member", id }],
      change: [{ field: "restricted", before: false, after: true }],
    });
    expect(JSON.stringify(event)).not.toContain("lawsuit");
  });

  it("opens a value on a named legal basis only, which the event names", async () => {
    const id = await world.member({ phone: "13955550071" });
    await close(id);
    const agent = world.person("members.reveal");
    const without = world.door.reveal(revealField, agent, { member: id, ...look });
    expect((await refusalOf(without)).issues).toEqual(["basis required"]);
    const { value, event } = await world.door.reveal(revealField, agent, {
      member: id,
      ...look,
      basis: "authority_order",
    });
    expect(value).toMatchObject({ value: "+8613955550071", left: 2 });
    const written = (await world.events()).find((e) => e["id"] === event);
    expect(written).toMatchObject({ facts: { legal_basis: "authority_order" } });
  });

  it("does not export it, also not on a permit from before, which is not used up", async () => {
    const id = await world.member();
    const ask = async (version: number) =>
      (await world.door.execute(exportMember, world.clerk, { member: id, version, reason })).value.export;
    const permit = await ask(1);
    await close(id);
    expect((await refusalOf(ask(2))).code).toBe("vault_key_restricted");
    const fetched = world.door.reveal(downloadExport, world.clerk, {
      export: permit,
      passphrase: newPassphrase(),
    });
    expect((await refusalOf(fetched)).code).toBe("vault_key_restricted");
    const { rows } = await world.db.owner.query("SELECT downloaded_at FROM members.export WHERE id = $1", [
      permit,
    ]);
    expect(rows).toEqual([{ downloaded_at: null }]);
  });
});
