import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { grantDangerousRole, grantRole, revokeRole } from "../../src/access/grants/commands.ts";
import { roleConflicts, syncDuties } from "../../src/access/grants/duties.ts";
import { elevate } from "../../src/access/grants/elevate.ts";
import { sweep } from "../../src/access/grants/sweep.ts";
import { resetFactor, resetPassword, disable, invite } from "../../src/access/staff/commands.ts";
import { listStaff, viewStaff } from "../../src/access/staff/queries.ts";
import { sqlState } from "../../src/door/transaction.ts";
import { statusOf } from "../../src/platform/http/status.ts";
import { PolicyFileError } from "../../src/platform/policy/index.ts";
import { projectRoot } from "../../src/platform/root.ts";
import { race, refusal } from "./refusals.ts";
import { accessWorld, type Session, type World } from "./world.ts";

let world: World;
let admin: Session;
beforeAll(async () => {
  world = await accessWorld({
    adm: ["people_administrator"],
    lead: ["security_lead"],
    hao: ["approver"],
    agent: ["service_agent"],
    plain: [],
    twice: [],
    keys: ["key_custodian"],
    resp: ["responder"],
    lonely: ["marketing"],
    away: [],
  });
  admin = await world.signIn("adm");
});
afterAll(async () => await world.close());

const reason = "needed for the work";
const give = async (role: string, person: string) =>
  await world.bound(admin, grantRole, { person: world.ids[person], role, reason });

describe("a role is given", () => {
  test("with password and factor for this very grant, and works at once", async () => {
    const person = world.ids["plain"];
    const no = await refusal(
      world.door.execute(grantRole, admin.credential, { person, role: "human_resources", reason }),
    );
    expect(no.details.stepUp?.level).toBe("bound");
    const session = await world.signIn("plain");
    await give("human_resources", "plain");
    await world.door.ask(listStaff, session.credential, {});
  });

  test("not twice, not to oneself, not when it does not exist", async () => {
    expect((await refusal(give("human_resources", "plain"))).code).toBe("role_held");
    expect((await refusal(give("marketing", "adm"))).code).toBe("not_oneself");
    expect((await refusal(give("root", "plain"))).details.issues).toEqual([{ path: "role", code: "choice" }]);
  });

  test("dangerous ones by two people only", async () => {
    expect((await refusal(give("operations_manager", "plain"))).code).toBe("grant_dangerous");
    const asked = await refusal(
      world.bound(admin, grantDangerousRole, {
        person: world.ids["plain"],
        role: "operations_manager",
        reason,
        version: 1,
      }),
    );
    expect(asked.kind).toBe("pending-approval");
  });

  test("only by those who may administer it", async () => {
    await world.obey((text) =>
      text
        .replace(
          /(human_resources:\n(?: {4}.*\n)*? {4}granted_by: )\[people_administrator\]/,
          "$1[general_manager]",
        )
        .replace(/(general_manager:\n(?: {4}.*\n)*? {4}permissions:\n)/, "$1      - staff.roles.grant\n"),
    );
    expect(world.policy().roles.get("human_resources")?.granted_by).toEqual(["general_manager"]);
    expect((await refusal(give("human_resources", "lonely"))).code).toBe("not_yours_to_grant");
    await world.obey((text) => text);
  });

  test("for some hours only to whoever is eligible, with a reason, and at most eight", async () => {
    const session = await world.signIn("resp");
    expect((await world.door.whoIs(session.credential)).roles).toEqual([]);
    const take = async (role: string, hours: number) =>
      await world.door.execute(elevate, session.credential, { role, hours, reason });
    expect((await refusal(take("incident_commander", 2))).code).toBe("not_eligible");
    expect((await refusal(take("responder", 9))).kind).toBe("invalid");
    const phone = { role: "responder", hours: 2, reason, incident: "138-1234-5678" };
    expect((await refusal(world.door.execute(elevate, session.credential, phone))).kind).toBe("invalid");
    await take("responder", 2);
    expect((await world.door.whoIs(session.credential)).roles).toEqual(["responder"]);
    expect((await refusal(take("responder", 2))).code).toBe("role_held");
  });

  test("and taken away, effective at the next request; the last administrator stays", async () => {
    const session = await world.signIn("plain");
    const { grants } = await world.door.ask(viewStaff, admin.credential, { person: world.ids["plain"] });
    const grant = grants.find((g) => g.role === "human_resources")?.id;
    await world.door.execute(revokeRole, admin.credential, { person: world.ids["plain"], grant, reason });
    expect((await refusal(world.door.ask(listStaff, session.credential, {}))).code).toBe("permission");

    const mine = (await world.door.ask(viewStaff, admin.credential, { person: world.ids["adm"] })).grants[0]
      ?.id;
    const no = await refusal(
      world.door.execute(revokeRole, admin.credential, { person: world.ids["adm"], grant: mine, reason }),
    );
    expect(no.code).toBe("last_administrator");
    const lead = await world.signIn("lead");
    expect(
      (await refusal(world.door.execute(disable, lead.credential, { person: world.ids["adm"], reason })))
        .code,
    ).toBe("last_administrator");
  });

  test("that a colleague is shut out is no reason to sign in again", async () => {
    const about = { person: world.ids["away"], reason };
    await world.door.execute(disable, admin.credential, about);
    for (const no of [
      await refusal(world.door.execute(disable, admin.credential, about)),
      await refusal(world.bound(admin, resetPassword, about)),
      await refusal(give("marketing", "away")),
    ])
      expect([no.code, statusOf(no)]).toEqual(["colleague_disabled", 409]);
  });

  test("a second factor is reset by two people, never by one", async () => {
    const no = await refusal(
      world.bound(admin, resetFactor, { person: world.ids["plain"], reason, version: 1 }),
    );
    expect(no.kind).toBe("pending-approval");
  });

  test("asking two people takes no less than doing what one may: password and factor for this very request", async () => {
    const fresh = await world.signIn("adm");
    const about = { person: world.ids["lonely"], reason, version: 1 };
    const need = async (asked: Promise<unknown>) => (await refusal(asked)).details.stepUp?.level;
    expect(await need(world.door.execute(resetFactor, fresh.credential, about))).toBe("bound");
    const dangerous = { ...about, role: "auditor" };
    expect(await need(world.door.execute(grantDangerousRole, fresh.credential, dangerous))).toBe("bound");
    // what was shown for one request does not open another, nor the same one twice
    expect((await refusal(world.bound(fresh, grantDangerousRole, dangerous))).kind).toBe("pending-approval");
    const other = { ...dangerous, role: "approver" };
    expect(await need(world.door.execute(grantDangerousRole, fresh.credential, other))).toBe("bound");
    expect(await need(world.door.execute(grantDangerousRole, fresh.credential, dangerous))).toBe("bound");
  });

  test("an invited person has no role, and a taken login is said beside its field", async () => {
    const made = await world.door.execute(invite, admin.credential, { login: "new.one", name: "新来的" });
    expect(made.value.token).toMatch(/^[\w-]{43}$/);
    const no = await refusal(world.door.execute(invite, admin.credential, { login: "new.one", name: "x" }));
    expect(no.details.issues).toEqual([{ path: "login", code: "login_taken" }]);
  });
});

describe("nobody holds both halves of a dangerous thing", () => {
  test("the shipped rules conflict where the duties say so, and no role with itself", () => {
    const conflicts = roleConflicts(world.policy());
    expect(conflicts.every(({ one, other }) => one !== other)).toBe(true);
    const pairs = conflicts.map(({ one, other }) => `${one}+${other}`);
    expect(pairs).toContain("compliance_officer+people_administrator");
    expect(pairs).toContain("break_glass+people_administrator");
    expect(pairs).toContain("approver+key_custodian");
  });

  test("a grant that would, is refused with the duty's name", async () => {
    // key_custodian + a role with approvals.decide: people administrators may give both
    await world.obey((text) => text.replace("dangerous:\n  - approvals.decide\n", "dangerous:\n"));
    const no = await refusal(give("general_manager", "keys"));
    expect([no.code, no.details.values?.["duty"]]).toEqual(["duty_static", "key-rotate-and-approve"]);
    await world.obey((text) => text);
  });

  test("the database refuses it to the owner as well, at the commit", async () => {
    await world.sql("SELECT 1");
    const insert = (role: string) =>
      world.sql(
        `INSERT INTO access.role_grant (id, person_id, role, kind, reason, granted_by, granted_at)
         VALUES (gen_random_uuid(), $1, $2, 'standing', NULL, 'test', now())`,
        [world.ids["keys"], role],
      );
    await expect(insert("approver")).rejects.toMatchObject({ code: "GH005" });
    await insert("marketing");
  });

  test("two grants at once to one person: one of them", async () => {
    const insert = (role: string) => async () => {
      await world.sql(
        `INSERT INTO access.role_grant (id, person_id, role, kind, reason, granted_by, granted_at)
         VALUES (gen_random_uuid(), $1, $2, 'standing', NULL, 'test', now())`,
        [world.ids["twice"], role],
      );
      return "granted";
    };
    const ends = await race(
      [insert("approver"), insert("key_custodian")].map((grant) => async () => {
        try {
          return await grant();
        } catch (error) {
          return sqlState(error) ?? "?";
        }
      }),
    );
    expect(ends.toSorted()).toEqual(["GH005", "granted"]);
  });

  /** A further static duty between what two roles, or one, hold. */
  const keepingApart = (one: string, other: string) => (text: string) =>
    text.replace(
      "  dynamic:\n",
      `    - id: kept-apart\n      why: { zh-CN: 测试, en: test }\n      one: [${one}]\n      other: [${other}]\n  dynamic:\n`,
    );

  test("a rule that a single role breaks is refused with its line, and the rules before it stay in force", async () => {
    const before = world.policy();
    const change = keepingApart("members.consent.record", "members.reveal");
    const refused: unknown = await world.obey(change).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(PolicyFileError);
    const [error] = refused instanceof PolicyFileError ? refused.errors : [];
    expect(error).toMatchObject({ file: "policies/access.yaml" });
    const [, role = "?"] = /^role (\w+) breaks the duty kept-apart/.exec(error?.message ?? "") ?? [];
    const text = change(await readFile(join(projectRoot(), "policies/access.yaml"), "utf8"));
    expect(text.split("\n")[(error?.line ?? 0) - 1]?.trim()).toMatch(
      new RegExp(`^(${role}:|permissions:|- members\\.)`),
    );
    expect(world.policy()).toBe(before);
  });

  test("a pair of roles that somebody holds already is not written: the sweep is refused", async () => {
    await world.obey(keepingApart("members.statistics", "keys.rotate"));
    const before = await world.sql("SELECT count(*)::int AS n FROM access.role_conflict");
    // "keys" holds key_custodian and, since the test above, marketing
    await expect(
      world.door.execute(sweep, { type: "scheduler", job: "access.sweep" }, {}),
    ).rejects.toMatchObject({
      kind: "unavailable",
    });
    expect(await world.sql("SELECT count(*)::int AS n FROM access.role_conflict")).toEqual(before);
    await world.obey((text) => text);
  });

  test("the pairs follow the rules in force", async () => {
    expect(await world.sql("SELECT count(*)::int AS n FROM access.role_conflict")).toEqual([
      { n: roleConflicts(world.policy()).length },
    ]);
    expect(await syncDuties(world.read, world.policy())).toBe(false);
  });

  test("nobody gives a lasting right to themselves, says the table", async () => {
    await expect(
      world.sql(
        `INSERT INTO access.role_grant (id, person_id, role, kind, reason, granted_by, granted_at)
         VALUES (gen_random_uuid(), $1::uuid, 'auditor', 'standing', 'e1.test', $1::uuid::text, now())`,
        [world.ids["lonely"]],
      ),
    ).rejects.toMatchObject({ code: "23514" });
  });
});
