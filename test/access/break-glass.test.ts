import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decide } from "../../src/access/approvals/commands.ts";
import { viewRequest } from "../../src/access/approvals/queries.ts";
import { endBreakGlass, openBreakGlass, reviewBreakGlass } from "../../src/access/break-glass/commands.ts";
import { listBreakGlass } from "../../src/access/break-glass/queries.ts";
import { addWorkingDays } from "../../src/access/break-glass/working-days.ts";
import { grantDangerousRole } from "../../src/access/grants/commands.ts";
import { roleConflicts } from "../../src/access/grants/duties.ts";
import { sweep } from "../../src/access/grants/sweep.ts";
import { listStaff } from "../../src/access/staff/queries.ts";
import { refusal } from "./refusals.ts";
import { accessWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await accessWorld({
    adm: ["people_administrator"],
    adm2: ["people_administrator"],
    hero: ["emergency_holder", "platform_operator"],
    second: ["emergency_holder", "approver"],
    emma: ["auditor"],
    lin: ["compliance_officer"],
  });
});
afterAll(async () => await world.close());

const reason = "the warehouse is locked out and nobody answers";

describe("break-glass", () => {
  test("is refused while fewer than two people hold it", async () => {
    const hero = await world.signIn("hero");
    await world.sql(
      "UPDATE access.person SET state = 'disabled', disabled_at = now() WHERE login = 'second'",
    );
    expect((await refusal(world.bound(hero, openBreakGlass, { reason }))).code).toBe("break_glass_holders");
    await world.sql("UPDATE access.person SET state = 'active', disabled_at = NULL WHERE login = 'second'");
  });

  test("needs a reason of twenty characters, and password and factor for it", async () => {
    const hero = await world.signIn("hero");
    expect((await refusal(world.bound(hero, openBreakGlass, { reason: "too short" }))).kind).toBe("invalid");
    expect(
      (await refusal(world.door.execute(openBreakGlass, hero.credential, { reason }))).details.stepUp?.level,
    ).toBe("bound");
    expect((await refusal(world.bound(await world.signIn("emma"), openBreakGlass, { reason }))).code).toBe(
      "permission",
    );
  });

  test("gives the fixed rights at once, marks every event, tells auditors and approvers, and ends", async () => {
    const hero = await world.signIn("hero");
    expect((await refusal(world.door.ask(listStaff, hero.credential, {}))).code).toBe("permission");
    const { id } = await world.bound(hero, openBreakGlass, { reason });
    const actor = await world.door.whoIs(hero.credential);
    expect([actor.type, actor.breakGlass]).toEqual(["break_glass", id]);
    await world.door.ask(listStaff, hero.credential, {});
    const told = await world.sql(
      "SELECT p.login FROM access.notice n JOIN access.person p ON p.id = n.person_id WHERE n.kind = 'break_glass_opened' ORDER BY 1",
    );
    expect(told.map((row) => row["login"])).toEqual(["emma", "lin", "second"]);
    expect((await refusal(world.bound(hero, openBreakGlass, { reason }))).code).toBe("break_glass_open");
    await world.door.execute(endBreakGlass, hero.credential, {});
    expect((await world.events("staff.break_glass.end"))[0]?.actor.type).toBe("break_glass");
    expect((await refusal(world.door.ask(listStaff, hero.credential, {}))).code).toBe("permission");
  });

  test("is over after its minutes by the database's clock", async () => {
    const hero = await world.signIn("hero");
    const { id } = await world.bound(hero, openBreakGlass, { reason });
    await world.sql(
      "UPDATE access.role_grant SET granted_at = now() - interval '60 minutes', expires_at = now() WHERE id = $1",
      [id],
    );
    await world.sql("UPDATE access.break_glass SET expires_at = now() WHERE id = $1", [id]);
    expect((await world.door.whoIs(hero.credential)).breakGlass).toBeNull();
  });

  test("lasts no longer than an hour, whatever a policy says", async () => {
    await expect(
      world.sql(
        `INSERT INTO access.role_grant (id, person_id, role, kind, reason, granted_by, granted_at, expires_at)
         VALUES (gen_random_uuid(), $1::uuid, 'break_glass', 'break_glass', NULL, 'x', now(), now() + interval '61 minutes')`,
        [world.ids["hero"]],
      ),
    ).rejects.toMatchObject({ code: "23514" });
  });

  test("approves nothing", async () => {
    const adm = await world.signIn("adm");
    const asked = await refusal(
      world.bound(adm, grantDangerousRole, {
        person: world.ids["emma"],
        role: "privacy_officer",
        reason: "covers a leave",
        version: 1,
      }),
    );
    const request = asked.details.approval ?? "";
    const second = await world.signIn("second");
    await world.bound(second, openBreakGlass, { reason });
    const { digest, mayDecide } = await world.door.ask(viewRequest, second.credential, { request });
    expect(mayDecide).toBe(false);
    const no = await refusal(world.bound(second, decide, { request, decision: "approve", digest }));
    expect(no.code).toBe("not_an_approver");
    await world.door.execute(endBreakGlass, second.credential, {});
  });

  test("is not for whoever administers people: the duties count its rights when it is given, so all who count can", async () => {
    const pairs = roleConflicts(world.policy()).map(({ one, other }) => `${one}+${other}`);
    expect(pairs).toContain("emergency_holder+people_administrator");
    const adm = await world.signIn("adm");
    const given = {
      person: world.ids["adm2"],
      role: "emergency_holder",
      reason: "for the night",
      version: 1,
    };
    const request =
      (await refusal(world.bound(adm, grantDangerousRole, given))).details.approval ?? "no request";
    const second = await world.signIn("second");
    const { digest } = await world.door.ask(viewRequest, second.credential, { request });
    const ended = await world.bound(second, decide, { request, decision: "approve", digest });
    const { outcome } = await world.door.ask(viewRequest, second.credential, { request });
    expect([ended, outcome]).toEqual([{ state: "failed" }, "duty_static"]);
    // nor past the program
    const insert = world.sql(
      `INSERT INTO access.role_grant (id, person_id, role, kind, reason, granted_by, granted_at)
       VALUES (gen_random_uuid(), $1, 'emergency_holder', 'standing', NULL, 'test', now())`,
      [world.ids["adm2"]],
    );
    await expect(insert).rejects.toMatchObject({ code: "GH005" });
  });

  test("is reviewed by somebody else, once, and a late review is called to mind once", async () => {
    const hero = await world.signIn("hero");
    const lin = await world.signIn("lin");
    const glasses = await world.door.ask(listBreakGlass, lin.credential, {});
    const mine = glasses.find((glass) => glass.login === "second");
    const input = { id: mine?.id, outcome: "justified", note: "the lock was real" };
    const second = await world.signIn("second");
    expect((await refusal(world.door.execute(reviewBreakGlass, second.credential, input))).code).toBe("duty");
    expect((await refusal(world.door.execute(reviewBreakGlass, hero.credential, input))).code).toBe(
      "permission",
    );
    await world.door.execute(reviewBreakGlass, lin.credential, input);
    // what people wrote is read on the page and nowhere in the tables
    const read = (await world.door.ask(listBreakGlass, lin.credential, {})).find(({ id }) => id === mine?.id);
    expect([read?.reason, read?.note]).toEqual([reason, "the lock was real"]);
    const kept = await world.sql(
      `SELECT b.reason, b.review_note, g.reason AS granted FROM access.break_glass b
       JOIN access.role_grant g ON g.id = b.id WHERE b.id = $1`,
      [mine?.id],
    );
    expect(Object.values(kept[0] ?? {})).toEqual([1, 2, 3].map(() => expect.stringMatching(/^e1\./)));
    expect((await refusal(world.door.execute(reviewBreakGlass, lin.credential, input))).code).toBe(
      "break_glass_reviewed",
    );
    await expect(
      world.sql("UPDATE access.break_glass SET reviewed_by = person_id WHERE id = $1", [mine?.id]),
    ).rejects.toMatchObject({ code: "23514" });

    world.clock.to(new Date("2027-06-01T00:00:00Z"));
    for (let i = 0; i < 2; i += 1)
      await world.door.execute(sweep, { type: "scheduler", job: "access.sweep" }, {});
    const late = await world.sql(
      "SELECT href, count(*)::int AS n FROM access.notice WHERE kind = 'break_glass_overdue' GROUP BY href, person_id",
    );
    expect(late.length).toBeGreaterThan(0);
    expect(late.every((row) => row["n"] === 1)).toBe(true);
  });

  test("is due within three days from Monday to Friday", () => {
    const due = (from: string) => addWorkingDays(new Date(from), 3).toISOString();
    expect(due("2026-03-02T09:00:00Z")).toBe("2026-03-05T09:00:00.000Z");
    expect(due("2026-03-05T09:00:00Z")).toBe("2026-03-10T09:00:00.000Z");
    expect(due("2026-03-07T09:00:00Z")).toBe("2026-03-11T09:00:00.000Z");
  });
});
