import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { revokeRole } from "../../src/access/grants/commands.ts";
import { accessReview } from "../../src/access/reviews/due.ts";
import { keepRole } from "../../src/access/reviews/keep.ts";
import { lapseUnreviewed } from "../../src/access/reviews/lapse.ts";
import type { Credential } from "../../src/door/actor.ts";
import { refusal } from "./refusals.ts";
import { accessWorld, type Session, type World } from "./world.ts";

const DAY = 86_400_000;
const scheduler: Credential = { type: "scheduler", job: "access.review" };

let world: World;
let admin: Session;
beforeAll(async () => {
  world = await accessWorld({
    adm: ["people_administrator"],
    agent: ["service_agent"],
    clerk: ["marketing"],
  });
  admin = await world.signIn("adm");
});
afterAll(async () => await world.close());

const review = async () => await world.door.ask(accessReview, admin.credential, {});
const grantOf = async (login: string) => {
  const [row] = await world.sql(
    "SELECT id, revoked_at, revoked_by FROM access.role_grant WHERE person_id = $1 ORDER BY granted_at DESC",
    [world.ids[login]],
  );
  return { id: String(row?.["id"]), revokedBy: row?.["revoked_by"] };
};
const lapse = async () => await world.door.execute(lapseUnreviewed, scheduler, {});

/** Ages the last look at everybody's roles, the administrator's own included. */
const age = async (days: number) =>
  await world.sql(
    "UPDATE access.role_grant SET granted_at = $1, reviewed_at = NULL, reviewed_by = NULL WHERE revoked_at IS NULL",
    [new Date(world.clock.now().getTime() - days * DAY)],
  );

describe("an access review", () => {
  test("asks for nothing while every role was looked at lately, and says when the first one lapses", async () => {
    await age(100);
    const { grants, nextAt } = await review();
    expect(grants).toEqual([]);
    const days = ((nextAt?.getTime() ?? 0) - world.clock.now().getTime()) / DAY;
    expect(days).toBeCloseTo(80, 2);
  });

  test("lists what lapses within the notice, and tells those who may decide, once", async () => {
    await age(155);
    expect((await review()).grants.map(({ login }) => login).toSorted()).toEqual(["adm", "agent", "clerk"]);
    await lapse();
    await lapse();
    const told = await world.sql("SELECT person_id FROM access.notice WHERE kind = 'access_review_due'");
    expect(told).toEqual([{ person_id: world.ids["adm"] }]);
  });

  test("keeps a role for another period, with the name of who said so", async () => {
    const { id } = await grantOf("agent");
    await world.door.execute(keepRole, admin.credential, { person: world.ids["agent"], grant: id });
    expect((await review()).grants.map(({ login }) => login)).not.toContain("agent");
    const [event] = (await world.events("staff.roles.keep")).slice(-1);
    expect(event).toMatchObject({ actor: { display: "adm" }, facts: { role: "service_agent" } });
  });

  test("is no affair of the holder's", async () => {
    const { id } = await grantOf("adm");
    const own = { person: world.ids["adm"], grant: id };
    expect((await refusal(world.door.execute(keepRole, admin.credential, own))).code).toBe("not_oneself");
    await expect(
      world.sql("UPDATE access.role_grant SET reviewed_at = now(), reviewed_by = person_id WHERE id = $1", [
        id,
      ]),
    ).rejects.toThrow(/check constraint/);
    expect((await review()).grants.find(({ login }) => login === "adm")?.mayKeep).toBe(false);
  });

  test("knows nothing of a role that has ended meanwhile", async () => {
    const { id } = await grantOf("agent");
    const of = { person: world.ids["agent"], grant: id };
    await world.door.execute(revokeRole, admin.credential, { ...of, reason: "moves on" });
    expect((await refusal(world.door.execute(keepRole, admin.credential, of))).kind).toBe("not-found");
  });

  test("ends what nobody looked at, at the holder's next request, with an event; the last administrator stays", async () => {
    const clerk = await world.signIn("clerk");
    await age(181);
    expect((await world.door.whoIs(clerk.credential)).roles).toEqual(["marketing"]);
    await lapse();
    expect((await world.door.whoIs(clerk.credential)).roles).toEqual([]);
    expect((await grantOf("clerk")).revokedBy).toBe("access.review");
    expect((await world.door.whoIs(admin.credential)).roles).toEqual(["people_administrator"]);
    const lapsed = await world.events("staff.roles.lapse");
    expect(lapsed).toHaveLength(1);
    expect(lapsed[0]).toMatchObject({
      target: [{ type: "staff", id: world.ids["clerk"], label: "clerk" }],
      change: [{ field: "role", before: "marketing", after: null }],
    });
  });
});
