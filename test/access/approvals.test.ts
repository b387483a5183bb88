import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decide, expire, withdraw } from "../../src/access/approvals/commands.ts";
import { tellApprovers } from "../../src/access/approvals/tell.ts";
import { disable, enable } from "../../src/access/staff/commands.ts";
import { inbox, mine, viewRequest } from "../../src/access/approvals/queries.ts";
import { grantDangerousRole } from "../../src/access/grants/commands.ts";
import { viewStaff } from "../../src/access/staff/queries.ts";
import { race, refusal } from "./refusals.ts";
import { accessWorld, type Session, type World } from "./world.ts";

/** What of a service agent's rights is dangerous, or kept from people administrators by a duty. */
const TWO = "members.list, members.reveal, members.search, members.view";

let world: World;
let admin: Session;
let hao: Session;
let mia: Session;
beforeAll(async () => {
  world = await accessWorld({
    adm: ["people_administrator"],
    adm2: ["people_administrator"],
    hao: ["approver"],
    mia: ["approver"],
    gone: ["approver"],
    hr: ["human_resources"],
    ...Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`p${i}`, []])),
  });
  admin = await world.signIn("adm");
  hao = await world.signIn("hao");
  mia = await world.signIn("mia");
});
afterAll(async () => await world.close());

/** Asks for a dangerous role, and gives the request. */
async function ask(person: string, role = "service_agent"): Promise<string> {
  await world.signIn("adm").then((fresh) => (admin = fresh));
  const asked = await refusal(
    world.bound(admin, grantDangerousRole, {
      person: world.ids[person],
      role,
      reason: "new agent",
      version: await versionOf(person),
    }),
  );
  expect([asked.kind, ...world.unexpected]).toEqual(["pending-approval"]);
  return asked.details.approval ?? "";
}

async function answer(session: Session, request: string, decision: "approve" | "deny", reason?: string) {
  const view = await world.door.ask(viewRequest, session.credential, { request });
  const input = { request, decision, digest: view.digest, ...(reason === undefined ? {} : { reason }) };
  return await world.bound(session, decide, input);
}

const versionOf = async (person: string) =>
  (await world.door.ask(viewStaff, admin.credential, { person: world.ids[person] })).version;

const rolesOf = async (person: string) => {
  const view = await world.door.ask(viewStaff, admin.credential, { person: world.ids[person] });
  return view.grants.map((grant) => grant.role);
};

describe("four eyes", () => {
  test("what one asks for, another agrees to, and it is done in the same transaction", async () => {
    const request = await ask("p0");
    expect(await rolesOf("p0")).toEqual([]);
    expect((await world.door.ask(inbox, hao.credential, {})).map((r) => r.id)).toContain(request);
    expect((await world.door.ask(mine, admin.credential, {})).map((r) => r.id)).toContain(request);
    const view = await world.door.ask(viewRequest, hao.credential, { request });
    expect(view.preview).toEqual({ login: "p0", role: "service_agent", dangerous: TWO });
    expect(view.mayDecide).toBe(true);
    expect(await answer(hao, request, "approve")).toEqual({ state: "executed" });
    expect(await rolesOf("p0")).toEqual(["service_agent"]);
    const { grants } = await world.door.ask(viewStaff, admin.credential, { person: world.ids["p0"] });
    expect(grants[0]?.reason).toBe("new agent");
    const kept = await world.sql("SELECT reason FROM access.role_grant WHERE id = $1", [grants[0]?.id]);
    expect(kept).toEqual([{ reason: expect.stringMatching(/^e1\./) }]);
    const [event] = await world.events("staff.roles.grant_dangerous").then((all) => all.slice(-1));
    expect(event?.actor.id).toBe(world.ids["adm"]);
    expect((await world.door.ask(inbox, hao.credential, {})).map((r) => r.id)).not.toContain(request);
  });

  test("asks the approver for password and factor, for this answer", async () => {
    const request = await ask("p1");
    const { digest } = await world.door.ask(viewRequest, hao.credential, { request });
    const no = await refusal(
      world.door.execute(decide, hao.credential, { request, decision: "approve", digest }),
    );
    expect(no.details.stepUp?.level).toBe("bound");
  });

  test("nobody agrees to their own request, nor to one about themselves", async () => {
    const request = await ask("p2");
    const own = await world.door.ask(viewRequest, admin.credential, { request });
    expect(own.mayDecide).toBe(false);
    expect((await refusal(answer(admin, request, "approve"))).code).toBe("permission");
    await world.sql("UPDATE door.approval_request SET subject_id = $1 WHERE id = $2", [
      world.ids["hao"],
      request,
    ]);
    expect((await refusal(answer(hao, request, "approve"))).code).toBe("own_request");
    // the table says so too
    await expect(
      world.sql(
        `INSERT INTO door.approval (id, request_id, requested_by, approver, decision, payload_digest, session, at)
         VALUES (gen_random_uuid(), $1, $2, $2, 'approve', '', '', now())`,
        [request, world.ids["adm"]],
      ),
    ).rejects.toMatchObject({ code: "23514" });
  });

  test("one denial closes, and says why", async () => {
    const request = await ask("p3");
    expect((await refusal(answer(hao, request, "deny"))).details.issues).toEqual([
      { path: "reason", code: "required" },
    ]);
    expect(await answer(hao, request, "deny", "not this month")).toEqual({ state: "denied" });
    expect((await refusal(answer(mia, request, "approve"))).code).toBe("approval_closed");
    expect(await rolesOf("p3")).toEqual([]);
  });

  test("a no without its reason is refused before anybody is asked for a proof", async () => {
    const request = await ask("p3");
    const { digest } = await world.door.ask(viewRequest, hao.credential, { request });
    for (const reason of [undefined, "", "  "]) {
      const input = { request, decision: "deny", digest, ...(reason === undefined ? {} : { reason }) };
      const no = await refusal(world.door.execute(decide, hao.credential, input));
      expect([no.kind, no.details.issues]).toEqual(["invalid", [{ path: "reason", code: "required" }]]);
    }
    await world.door.execute(withdraw, admin.credential, { request });
  });

  test("the requester may take it back, and nobody else", async () => {
    const request = await ask("p4");
    expect((await refusal(world.door.execute(withdraw, hao.credential, { request }))).kind).toBe("not-found");
    await world.door.execute(withdraw, admin.credential, { request });
    expect((await refusal(answer(hao, request, "approve"))).code).toBe("approval_closed");
  });

  test("an expired request is over, and the sweep closes it", async () => {
    const request = await ask("p5");
    await world.sql(
      "UPDATE door.approval_request SET created_at = now() - interval '10 years', expires_at = $2 WHERE id = $1",
      [request, world.clock.now()],
    );
    expect((await refusal(answer(hao, request, "approve"))).code).toBe("approval_expired");
    await world.door.execute(expire, { type: "scheduler", job: "approvals.expire" }, {});
    expect((await world.door.ask(viewRequest, admin.credential, { request })).state).toBe("expired");
  });

  test("a payload that was changed underneath is not done", async () => {
    const request = await ask("p6");
    const other = await ask("p7");
    await world.sql(
      `UPDATE door.approval_request SET payload = (SELECT payload FROM door.approval_request WHERE id = $2) WHERE id = $1`,
      [request, other],
    );
    const [row] = await world.sql(
      "SELECT encode(payload_digest, 'hex') AS hex FROM door.approval_request WHERE id = $1",
      [request],
    );
    const digest = Buffer.from(String(row?.["hex"]), "hex");
    const input = { request, decision: "approve", digest: digest.toString("base64url") };
    expect((await refusal(world.bound(hao, decide, input))).code).toBe("approval_payload");
    expect(await rolesOf("p6")).toEqual([]);
    // nor is one that the page did not show
    const stale = { request: other, decision: "approve", digest: digest.toString("base64url") };
    expect((await refusal(world.bound(hao, decide, stale))).code).toBe("approval_payload");
  });

  test("whoever asked must still be there and still hold the right", async () => {
    const fresh = await world.signIn("adm2");
    const asked = await refusal(
      world.bound(fresh, grantDangerousRole, {
        person: world.ids["p8"],
        role: "service_agent",
        reason: "new agent",
        version: await versionOf("p8"),
      }),
    );
    const request = asked.details.approval ?? "";
    await world.sql(
      "UPDATE access.role_grant SET revoked_at = now(), revoked_by = 'test' WHERE person_id = $1",
      [world.ids["adm2"]],
    );
    expect(await answer(hao, request, "approve")).toEqual({ state: "failed" });
    const view = await world.door.ask(viewRequest, hao.credential, { request });
    expect([view.state, view.outcome]).toEqual(["failed", "permission"]);
    expect(await rolesOf("p8")).toEqual([]);
  });

  test("what changed since it was asked is not done, and the way is free for a new request", async () => {
    const request = await ask("p12");
    await world.door.execute(disable, admin.credential, { person: world.ids["p12"], reason: "left" });
    await world.door.execute(enable, admin.credential, { person: world.ids["p12"], reason: "is back" });
    expect(await answer(hao, request, "approve")).toEqual({ state: "failed" });
    const view = await world.door.ask(viewRequest, hao.credential, { request });
    expect([view.state, view.outcome, view.mayDecide]).toEqual(["failed", "conflict", false]);
    expect(await rolesOf("p12")).toEqual([]);
    // the decision is in the log, the deed is not; whoever asked is told
    const decided = (await world.events("approvals.decide")).at(-1);
    expect([decided?.outcome.result, decided?.facts]).toEqual([
      "success",
      { operation: "staff.roles.grant_dangerous", failed: "conflict" },
    ]);
    const told = await world.sql(
      "SELECT person_id FROM access.notice WHERE kind = 'approval_failed' AND href = $1",
      [`/approvals/${request}`],
    );
    expect(told).toEqual([{ person_id: world.ids["adm"] }]);
    expect(await answer(hao, await ask("p12"), "approve")).toEqual({ state: "executed" });
  });

  test("nothing of what failed half-way stays", async () => {
    const request = await ask("p13");
    await world.sql(
      `INSERT INTO access.role_grant (id, person_id, role, kind, granted_by, granted_at)
       VALUES (gen_random_uuid(), $1, 'service_agent', 'standing', 'test', now())`,
      [world.ids["p13"]],
    );
    const notices = async () =>
      await world.sql("SELECT kind FROM access.notice WHERE person_id = $1", [world.ids["p13"]]);
    expect(await answer(hao, request, "approve")).toEqual({ state: "failed" });
    expect((await world.door.ask(viewRequest, hao.credential, { request })).outcome).toBe("role_held");
    expect(await notices()).toEqual([]);
    expect(world.unexpected).toEqual([]);
  });

  test("a request whose time may still come stays open", async () => {
    const request = await ask("p14");
    world.freeze("log_forked");
    expect((await refusal(answer(hao, request, "approve"))).kind).toBe("frozen");
    world.freeze(null);
    expect(await answer(hao, request, "approve")).toEqual({ state: "executed" });
  });

  test("those who may answer are told of it once, and neither who asked nor whom it is about", async () => {
    const request = await ask("mia");
    const woken = await world.sql("SELECT 1 FROM jobs.run WHERE job = 'approvals.tell'");
    expect(woken.length).toBeGreaterThan(0);
    for (let i = 0; i < 2; i += 1)
      await world.door.execute(tellApprovers, { type: "scheduler", job: "approvals.tell" }, {});
    const told = await world.sql(
      `SELECT p.login FROM access.notice n JOIN access.person p ON p.id = n.person_id
       WHERE n.kind = 'approval_waiting' AND n.href = $1 ORDER BY 1`,
      [`/approvals/${request}`],
    );
    expect(told.map((row) => row["login"])).toEqual(["gone", "hao"]);
    await world.door.execute(withdraw, admin.credential, { request });
  });

  test("with two needed, an earlier approver who has left since does not count, and stands in nobody's way", async () => {
    await world.obey((text) =>
      text.replace(/(staff.roles.grant_dangerous:\s+{ kind: four-eyes, quorum:) 1/, "$1 2"),
    );
    const request = await ask("p9");
    const gone = await world.signIn("gone");
    expect(await answer(gone, request, "approve")).toEqual({ state: "open" });
    expect((await refusal(answer(gone, request, "approve"))).code).toBe("approval_given");
    await world.sql("UPDATE access.person SET state = 'disabled', disabled_at = now() WHERE id = $1", [
      world.ids["gone"],
    ]);
    expect(await answer(hao, request, "approve")).toEqual({ state: "open" });
    expect(await rolesOf("p9")).toEqual([]);
    mia = await world.signIn("mia");
    const { decisions } = await world.door.ask(viewRequest, mia.credential, { request });
    expect(decisions.map(({ login, standing }) => [login, standing])).toEqual([
      ["gone", false],
      ["hao", true],
    ]);
    expect(await answer(mia, request, "approve")).toEqual({ state: "executed" });
    expect(await rolesOf("p9")).toEqual(["service_agent"]);
    await world.obey((text) => text);
  });

  test("two who agree at the same moment do it once", async () => {
    const request = await ask("p10");
    await Promise.all([
      world.signIn("hao").then((s) => (hao = s)),
      world.signIn("mia").then((s) => (mia = s)),
    ]);
    const ends = await race([
      async () => (await answer(hao, request, "approve")).state,
      async () => (await answer(mia, request, "approve")).state,
    ]);
    expect(ends.toSorted()).toEqual(["approval_closed", "executed"]);
    expect(await rolesOf("p10")).toEqual(["service_agent"]);
  });

  test("names whom it is about as people know them, and leads whoever asked to what came of it", async () => {
    const request = await ask("p15");
    hao = await world.signIn("hao");
    const lists = [
      await world.door.ask(inbox, hao.credential, {}),
      await world.door.ask(mine, admin.credential, {}),
    ];
    for (const list of lists) expect(list.find((r) => r.id === request)?.subject).toBe("p15");
    const seen = async (by: Session) => await world.door.ask(viewRequest, by.credential, { request });
    expect([(await seen(hao)).subject, (await seen(admin)).resultAt]).toEqual(["p15", null]);
    await answer(hao, request, "approve");
    expect((await seen(admin)).resultAt).toBe(`/staff/${world.ids["p15"] ?? ""}`);
    expect((await seen(hao)).resultAt).toBeNull();
  });

  test("for everybody else a request does not exist", async () => {
    const request = await ask("p11");
    const hr = await world.signIn("hr");
    expect((await refusal(world.door.ask(viewRequest, hr.credential, { request }))).kind).toBe("not-found");
    expect(await world.door.ask(inbox, hr.credential, {})).toEqual([]);
  });
});
