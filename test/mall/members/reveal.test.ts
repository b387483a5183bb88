import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { downloadExport, exportMember } from "../../../src/mall/members/exports.ts";
import { revealField } from "../../../src/mall/members/reveal.ts";
import { newPassphrase, openFile } from "../../../src/mall/members/sealed-file.ts";
import { type MembersWorld, membersWorld, refusalOf } from "./support.ts";

const look = (member: string, over: object = {}) => ({
  member,
  field: "phone",
  purpose: "service_request",
  ticket: "T-2041",
  ...over,
});

describe("5.1.4 seeing a member's plaintext", () => {
  let world: MembersWorld;
  beforeAll(async () => {
    world = await membersWorld();
  });
  afterAll(async () => await world.close());

  const looker = () => world.person("members.reveal");

  it("shows one field, with its purpose in the log and its value nowhere", async () => {
    const id = await world.member({ phone: "13955550001" });
    const { value, event } = await world.door.reveal(revealField, looker(), look(id));
    expect(value).toMatchObject({ value: "+8613955550001", left: 2, minutes: 10 });
    const written = (await world.events()).find((e) => e["id"] === event);
    expect(written).toMatchObject({
      action: "members.reveal",
      crud: "r",
      severity: 2,
      purpose: { code: "service_request", ticket: "T-2041" },
      fields: ["phone"],
      facts: { field: "phone", budget_left: 2 },
      target: [{ type: "member", id }],
    });
    expect(JSON.stringify(await world.events())).not.toContain("13955550001");
  });

  it("refuses a purpose that policy does not list, and a ticket that is missing or a sentence", async () => {
    const id = await world.member();
    const cases = [
      [{ purpose: "curiosity" }, "purpose choice"],
      [{ ticket: "" }, "ticket required"],
      [{ ticket: "the lady who called" }, "ticket format"],
      [{ ticket: "138-1234-5678" }, "ticket format"],
      [{ ticket: "11010519491231002X" }, "ticket format"],
      [{ field: "password" }, "field choice"],
    ] as const;
    for (const [over, issue] of cases) {
      expect((await refusalOf(world.door.reveal(revealField, looker(), look(id, over)))).issues).toEqual([
        issue,
      ]);
    }
    await expect(
      world.door.reveal(revealField, looker(), look(id, { purpose: "data_review", ticket: "" })),
    ).resolves.toBeDefined();
  });

  it("stops at the day's budget, and begins anew the next day", async () => {
    const id = await world.member();
    const person = looker();
    for (let n = 0; n < 3; n += 1) await world.door.reveal(revealField, person, look(id));
    expect(await refusalOf(world.door.reveal(revealField, person, look(id)))).toMatchObject({
      kind: "throttled",
      code: "reveal_budget",
    });
    const refused = (await world.events()).at(-1);
    expect(refused).toMatchObject({
      action: "members.reveal",
      outcome: { result: "denied", code: "reveal_budget" },
    });
    world.clock.advance(24 * 3_600_000);
    await expect(world.door.reveal(revealField, person, look(id))).resolves.toBeDefined();
  });

  it("gives the last look to exactly one of two sessions", async () => {
    const id = await world.member();
    const person = looker();
    for (let n = 0; n < 2; n += 1) await world.door.reveal(revealField, person, look(id));
    const results = await Promise.allSettled(
      Array.from({ length: 4 }, () => world.door.reveal(revealField, person, look(id))),
    );
    expect(results.filter((r) => r.status === "fulfilled")).toHaveLength(1);
  });

  it("shows nothing to a role without a budget", async () => {
    const id = await world.member();
    const none = await membersWorld({ params: { reveal_budgets: { other: 5 } } });
    const member = await none.member();
    expect(
      (await refusalOf(none.door.reveal(revealField, none.person("members.reveal"), look(member)))).kind,
    ).toBe("throttled");
    await none.close();
    expect(id).toBeDefined();
  });
});

describe("5.1.4 exporting a member's data", () => {
  let world: MembersWorld;
  beforeAll(async () => {
    world = await membersWorld();
  });
  afterAll(async () => await world.close());

  const reason = "The member asked for a copy";
  const permit = async (member: string) =>
    (await world.door.execute(exportMember, world.clerk, { member, version: 1, reason })).value.export;

  it("hands out one encrypted file that only the passphrase opens", async () => {
    const id = await world.member({ name: "尉迟恭", phone: "13955550009" });
    const passphrase = newPassphrase();
    const { value } = await world.door.reveal(downloadExport, world.clerk, {
      export: await permit(id),
      passphrase,
    });
    expect(value.file).not.toContain("13955550009");
    expect(openFile(value.file, newPassphrase())).toBeNull();
    expect(openFile(`${value.file.slice(0, -3)}"}`, passphrase)).toBeNull();
    const plain: unknown = JSON.parse(openFile(value.file, passphrase)?.toString() ?? "{}");
    expect(plain).toMatchObject({
      data: { name: "尉迟恭", sex: "female", birth_date: "1990-04-05", phone: "+8613955550009" },
      consents: [{ purpose: "service", granted: true }],
    });
    const events = await world.events();
    expect(JSON.stringify(events)).not.toContain(passphrase);
    // a disclosure: the event names to whom
    const handed = events.findLast((e) => e["action"] === "members.export.download");
    const recipient = `person-${world.clerk.person.slice(-4)}`;
    expect(handed).toMatchObject({ actor: { display: recipient }, facts: { recipient } });
  });

  it("hands it out once, in time, and only to whoever asked", async () => {
    const once = await permit(await world.member());
    const fetchIt = (who = world.clerk) =>
      world.door.reveal(downloadExport, who, { export: once, passphrase: newPassphrase() });
    expect((await refusalOf(fetchIt(world.person("members.export.download")))).kind).toBe("not-found");
    const both = await Promise.allSettled([fetchIt(), fetchIt()]);
    expect(both.filter((r) => r.status === "fulfilled")).toHaveLength(1);
    expect((await refusalOf(fetchIt())).code).toBe("export_used");

    const late = await permit(await world.member());
    world.clock.advance(25 * 3_600_000);
    const tooLate = world.door.reveal(downloadExport, world.clerk, {
      export: late,
      passphrase: newPassphrase(),
    });
    expect((await refusalOf(tooLate)).code).toBe("export_expired");
  });

  it("wants a second person where policy asks for four eyes, and opens nothing before", async () => {
    const gate = { kind: "four-eyes", quorum: 1, from: ["approver"], minutes: 60, ask: "none" } as const;
    const guarded = await membersWorld({ gates: { "members.export": gate } });
    const member = await guarded.member();
    const asked = guarded.door.execute(exportMember, guarded.clerk, { member, version: 1, reason });
    expect((await refusalOf(asked)).kind).toBe("pending-approval");
    const { rows } = await guarded.db.owner.query("SELECT 1 FROM members.export");
    expect(rows).toEqual([]);
    await guarded.close();
  });

  it("refuses a weak passphrase", async () => {
    const id = await permit(await world.member());
    const weak = world.door.reveal(downloadExport, world.clerk, { export: id, passphrase: "password" });
    expect((await refusalOf(weak)).issues).toEqual(["passphrase format"]);
  });
});
