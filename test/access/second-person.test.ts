import { generateSync } from "otplib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decide } from "../../src/access/approvals/commands.ts";
import { viewRequest } from "../../src/access/approvals/queries.ts";
import { countCode } from "../../src/access/factor/attempt.ts";
import { confirmEnrolment, startEnrolment, viewEnrolment } from "../../src/access/factor/commands.ts";
import { grantDangerousRole, grantRole } from "../../src/access/grants/commands.ts";
import { roleConflicts } from "../../src/access/grants/duties.ts";
import { whyTwoPeople } from "../../src/access/grants/two-people.ts";
import { acceptLink } from "../../src/access/links/accept.ts";
import { newPassword } from "../../src/access/password/new-password.ts";
import { sessionId } from "../../src/access/sessions.ts";
import { tryPassword } from "../../src/access/sign-in/sign-in.ts";
import { invite, resetFactor, resetPassword } from "../../src/access/staff/commands.ts";
import { viewStaff } from "../../src/access/staff/queries.ts";
import type { Command } from "../../src/door/command.ts";
import { race, refusal } from "./refusals.ts";
import { accessWorld, browser, PASSWORD, type Session, type World } from "./world.ts";

const reason = "as agreed by telephone";
const NEXT = "another lantern over the ferry";
let world: World;
let admin: Session;
beforeAll(async () => {
  world = await accessWorld({
    adm: ["people_administrator"],
    adm2: ["people_administrator"],
    hao: ["approver"],
    lost: ["service_agent", "human_resources", "responder"],
    raced: ["service_agent"],
    left: [],
  });
  admin = await world.signIn("adm");
});
afterAll(async () => await world.close());

const person = (login: string) => world.ids[login] ?? "";
const view = async (login: string) =>
  await world.door.ask(viewStaff, admin.credential, { person: person(login) });

/** Asks for something that two people have to agree to, and gives the request. */
async function ask<I, R>(command: Command<I, R>, login: string, more: Record<string, string> = {}) {
  const { version } = await view(login);
  const input = { person: person(login), reason, version, ...more };
  return (await refusal(world.bound(admin, command, input))).details.approval ?? "";
}

async function agree(request: string) {
  const hao = await world.signIn("hao");
  const { digest } = await world.door.ask(viewRequest, hao.credential, { request });
  return await world.bound(hao, decide, { request, decision: "approve", digest });
}

async function accept(token: string, password: string) {
  const { runtime } = world.access;
  const next = await newPassword(runtime.hashing, world.policy(), runtime.blocklist, { password, names: [] });
  await world.door.execute(acceptLink, { type: "anonymous" }, { token, password: next });
}

/** Password and a new authenticator: as whoever opens the link. */
async function enrol(login: string, password: string) {
  const { runtime } = world.access;
  const { token } = await tryPassword(runtime, { login, password }, browser({}));
  const half = { type: "session", person: person(login), session: sessionId(token) } as const;
  await world.door.execute(startEnrolment, half, {});
  const seed = await world.door.ask(viewEnrolment, half, {});
  world.clock.advance(60_000);
  const epoch = Math.floor(world.clock.now().getTime() / 1000);
  const code = generateSync({ secret: seed?.secret ?? "", epoch });
  const attempt = await countCode(runtime.throttle, world.policy(), half.person, code);
  const { value } = await world.door.execute(confirmEnrolment, half, { attempt, device: null });
  return { ...half, session: sessionId(value.token) };
}

async function invited(login: string): Promise<string> {
  const made = await world.bound(admin, invite, { login, name: login });
  world.ids[login] = made.person;
  return made.token;
}

describe("a factor that two people reset", () => {
  test("is enrolled anew behind a new link only, never behind the password that was there", async () => {
    const before = await world.bound(admin, resetPassword, { person: person("lost"), reason });
    const request = await ask(resetFactor, "lost");
    expect(await agree(request)).toEqual({ state: "executed" });
    const { runtime } = world.access;
    const typed = tryPassword(runtime, { login: "lost", password: PASSWORD }, browser({}));
    expect((await refusal(typed)).code).toBe("sign_in_failed");
    expect((await refusal(accept(before.token, NEXT))).code).toBe("link_gone");

    const link = await world.bound(admin, resetPassword, { person: person("lost"), reason });
    await accept(link.token, NEXT);
    await world.door.whoIs(await enrol("lost", NEXT));
    expect((await view("lost")).state).toBe("active");
  });

  test("takes with it what two people gave, which two people give again once it is enrolled", async () => {
    const held = async () => (await view("lost")).grants.map(({ role }) => role);
    expect(await held()).toEqual(["human_resources"]);
    const [event] = (await world.events("staff.reset_factor")).slice(-1);
    expect(event).toMatchObject({
      outcome: { result: "success" },
      change: [
        { field: "state", before: "active", after: "invited" },
        { field: "role", before: "responder" },
        { field: "role", before: "service_agent" },
      ],
    });
    expect(await agree(await ask(grantDangerousRole, "lost", { role: "service_agent" }))).toEqual({
      state: "executed",
    });
    expect(await held()).toEqual(["human_resources", "service_agent"]);
  });

  test("says to the approver what lapses", async () => {
    const request = await ask(resetFactor, "raced");
    const hao = await world.signIn("hao");
    const { preview } = await world.door.ask(viewRequest, hao.credential, { request });
    expect(preview).toEqual({ login: "raced", sessions: 0, roles_lapsing: "service_agent" });
    expect(await agree(request)).toEqual({ state: "executed" });
  });

  test("leaves no session to whoever signs in at that moment", async () => {
    const request = await ask(resetFactor, "left");
    const hao = await world.signIn("hao");
    const { digest } = await world.door.ask(viewRequest, hao.credential, { request });
    const signIn = async () => (await world.half("left"), "password shown");
    const ends = await race([
      signIn,
      async () => (await world.bound(hao, decide, { request, decision: "approve", digest })).state,
      signIn,
      signIn,
    ]);
    expect(ends[1]).toBe("executed");
    const live = await world.sql("SELECT 1 FROM access.session WHERE person_id = $1 AND ended_at IS NULL", [
      person("left"),
    ]);
    expect(live).toEqual([]);
    expect((await refusal(world.half("left"))).code).toBe("sign_in_failed");
  });
});

describe("one people administrator with a second person of their own making", () => {
  test("gives it nothing before it has enrolled that two people give, not even with an approval", async () => {
    await invited("early");
    const request = await ask(grantDangerousRole, "early", { role: "service_agent" });
    expect(await agree(request)).toEqual({ state: "failed" });
    const hao = await world.signIn("hao");
    const closed = await world.door.ask(viewRequest, hao.credential, { request });
    expect(closed.outcome).toBe("person_not_enrolled");
    const { grants, grantable } = await view("early");
    expect([grants, grantable.filter(({ dangerous }) => dangerous)]).toEqual([[], []]);
    expect(grantable.map(({ role }) => role)).toContain("marketing");
  });

  test("does not get alone what a duty keeps from them: no role that reads members is given by one", async () => {
    await accept(await invited("bob"), NEXT);
    await enrol("bob", NEXT);
    for (const role of ["member_reviewer", "responder"]) {
      const alone = world.bound(admin, grantRole, { person: person("bob"), role, reason });
      expect((await refusal(alone)).code).toBe("grant_dangerous");
    }
    expect((await view("bob")).grantable).toContainEqual({ role: "member_reviewer", dangerous: true });
    await world.bound(admin, grantRole, { person: person("bob"), role: "human_resources", reason });
    const request = await ask(grantDangerousRole, "bob", { role: "member_reviewer" });
    const hao = await world.signIn("hao");
    const { preview } = await world.door.ask(viewRequest, hao.credential, { request });
    expect(preview?.["dangerous"]).toBe("members.list, members.search, members.view");
    expect(await agree(request)).toEqual({ state: "executed" });
  });

  test("and every role that the rules name is one that its givers may hold, or is given by two", () => {
    const policy = world.policy();
    const apart = roleConflicts(policy).map(({ one, other }) => [one, other]);
    const byOne = [...policy.roles].filter(([, rule]) => whyTwoPeople(policy, rule).length === 0);
    const wrong = byOne.filter(([name, { granted_by: givers }]) =>
      apart.some((pair) => pair.includes(name) && givers.some((giver) => pair.includes(giver))),
    );
    expect([byOne.length > 0, wrong.map(([name]) => name)]).toEqual([true, []]);
  });
});
