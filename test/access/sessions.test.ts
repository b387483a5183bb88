import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endOwnSession, endOwnSessions } from "../../src/access/me/commands.ts";
import { me } from "../../src/access/me/query.ts";
import { renewSession } from "../../src/access/sessions.ts";
import { liveSession } from "../../src/access/sign-in/full-session.ts";
import { disable, endSessions } from "../../src/access/staff/commands.ts";
import { listStaff } from "../../src/access/staff/queries.ts";
import { command } from "../../src/door/command.ts";
import { z } from "zod";
import { refusal } from "./refusals.ts";
import { accessWorld, type Session, type World } from "./world.ts";

/** Waits inside the transaction, so that a test can act between the look-up and the commit. */
const waiting: { entered: () => void; leave: Promise<void> } = {
  entered: () => {},
  leave: Promise.resolve(),
};
const linger = command({
  name: "approvals.expire",
  input: z.strictObject({}),
  async run({ record }) {
    record.fact("lingered", true);
    waiting.entered();
    await waiting.leave;
  },
});

const MINUTE = 60_000;
let world: World;
beforeAll(async () => {
  world = await accessWorld({
    wei: ["people_administrator"],
    ada: ["people_administrator"],
    hao: ["human_resources"],
    eve: ["human_resources"],
  });
});
afterAll(async () => await world.close());

const look = async (session: Session) => await world.door.ask(listStaff, session.credential, {});
const handleOf = async (session: Session) =>
  (
    await world.read
      .selectFrom("access.session")
      .select("handle")
      .where("id", "=", session.credential.session)
      .executeTakeFirstOrThrow()
  ).handle;

describe("a session", () => {
  test("is over after fifteen idle minutes, and not before", async () => {
    const session = await world.signIn("hao");
    world.clock.advance(14 * MINUTE);
    await look(session);
    await world.access.runtime.touchSession(await handleOf(session), world.clock.now());
    world.clock.advance(14 * MINUTE);
    await look(session);
    world.clock.advance(MINUTE);
    expect((await refusal(look(session))).code).toBe("session_idle");
  });

  test("is over after eight hours, however busy", async () => {
    const session = await world.signIn("hao");
    const handle = await handleOf(session);
    const start = world.clock.now();
    for (let minutes = 10; minutes < 8 * 60; minutes += 10) {
      world.clock.to(new Date(start.getTime() + minutes * MINUTE));
      await world.access.runtime.touchSession(handle, world.clock.now());
    }
    await look(session);
    world.clock.to(new Date(start.getTime() + 8 * 60 * MINUTE));
    expect((await refusal(look(session))).code).toBe("session_ended");
  });

  test("a renewal moves neither limit", async () => {
    const session = await world.signIn("hao");
    const before = await liveSession(world.read, session.credential.session);
    world.clock.advance(10 * MINUTE);
    await world.bound(session, endOwnSessions, {});
    const after = await liveSession(world.read, session.credential.session);
    expect(after.expiresAt).toEqual(before.expiresAt);
    expect(after.handle).toBe(before.handle);
    expect(after.id).not.toBe(before.id);
  });

  test("is touched at most once in thirty seconds", async () => {
    const session = await world.signIn("hao");
    const handle = await handleOf(session);
    const seen = async () =>
      (await world.sql("SELECT last_seen_at FROM access.activity WHERE handle = $1", [handle]))[0]?.[
        "last_seen_at"
      ];
    await world.access.runtime.touchSession(handle, world.clock.now());
    const first = await seen();
    world.clock.advance(29_000);
    await world.access.runtime.touchSession(handle, world.clock.now());
    expect(await seen()).toEqual(first);
    world.clock.advance(1_000);
    await world.access.runtime.touchSession(handle, world.clock.now());
    expect(await seen()).not.toEqual(first);
  });

  test("ends by its handle, and only one's own does", async () => {
    const mine = await world.signIn("hao");
    const other = await world.signIn("hao");
    const foreign = await world.signIn("eve");
    const handle = await handleOf(foreign);
    expect((await refusal(world.door.execute(endOwnSession, mine.credential, { handle }))).kind).toBe(
      "not-found",
    );
    await look(foreign);
    await world.door.execute(endOwnSession, mine.credential, { handle: await handleOf(other) });
    expect((await refusal(look(other))).code).toBe("session_ended");
    await look(mine);
  });

  test("ending the others leaves the one that asks", async () => {
    const [one, two, mine] = [
      await world.signIn("eve"),
      await world.signIn("eve"),
      await world.signIn("eve"),
    ];
    await world.door.execute(endOwnSessions, mine.credential, {});
    expect((await refusal(look(one))).code).toBe("session_ended");
    expect((await refusal(look(two))).code).toBe("session_ended");
    const { sessions } = await world.door.ask(me, mine.credential, {});
    expect(sessions.map((session) => session.current)).toEqual([true]);
  });

  test("of somebody else is ended by an administrator, of a disabled person at once", async () => {
    const admin = await world.signIn("wei");
    const session = await world.signIn("eve");
    await world.door.execute(endSessions, admin.credential, {
      person: world.ids["eve"],
      reason: "lost laptop",
    });
    expect((await refusal(look(session))).code).toBe("session_ended");

    const half = await world.half("eve");
    const again = await world.signIn("eve");
    await world.door.execute(disable, admin.credential, { person: world.ids["eve"], reason: "left" });
    expect((await refusal(look(again))).kind).toBe("denied");
    expect((await refusal(world.door.whoIs(half.credential))).kind).toBe("denied");
    expect((await refusal(world.signIn("eve"))).code).toBe("sign_in_failed");
  });

  test("cannot be ended and used at once: ending waits for whoever is passing the door", async () => {
    // the scheduler's command, given to everybody for this test
    await world.obey((text) => text.replace("everyone:\n", "everyone:\n  - approvals.expire\n"));
    const session = await world.signIn("hao");
    const second = await world.signIn("hao");
    const order: string[] = [];
    let leave = () => {};
    waiting.leave = new Promise((go) => (leave = go));
    const entered = new Promise<void>((go) => (waiting.entered = go));
    const use = world.door.execute(linger, session.credential, {}).then(() => order.push("used"));
    await entered;
    const end = world.door
      .execute(endOwnSession, second.credential, { handle: await handleOf(session) })
      .then(() => order.push("ended"));
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(order).toEqual([]);
    leave();
    await Promise.all([use, end]);
    expect(order).toEqual(["used", "ended"]);
    expect((await refusal(world.door.execute(linger, session.credential, {}))).code).toBe("session_ended");
    await world.obey((text) => text);
  });

  test("renewed twice at once gives one new token", async () => {
    const session = await world.signIn("hao");
    const old = await liveSession(world.read, session.credential.session);
    await world.sql("UPDATE access.session SET ended_at = now(), ended_because = 'renewed' WHERE id = $1", [
      old.id,
    ]);
    expect(await renewSession(world.read, world.clock, old, {}).catch(() => null)).toBeNull();
  });
});

describe("a role", () => {
  test("works, and stops working, at the very next request", async () => {
    const session = await world.signIn("hao");
    await look(session);
    await world.sql(
      "UPDATE access.role_grant SET revoked_at = now(), revoked_by = 'test' WHERE person_id = $1",
      [world.ids["hao"]],
    );
    expect((await refusal(look(session))).code).toBe("permission");
    await world.sql(
      `INSERT INTO access.role_grant (id, person_id, role, kind, reason, granted_by, granted_at)
       VALUES (gen_random_uuid(), $1, 'human_resources', 'standing', NULL, 'test', now())`,
      [world.ids["hao"]],
    );
    await look(session);
  });

  test("for some hours ends in the query, by the database's clock", async () => {
    const session = await world.signIn("hao");
    const may = async () => (await world.door.whoIs(session.credential)).roles.includes("responder");
    await world.sql(
      `INSERT INTO access.role_grant (id, person_id, role, kind, reason, granted_by, granted_at, expires_at)
       VALUES (gen_random_uuid(), $1::uuid, 'responder', 'just_in_time', 'e1.test', $1::uuid::text, now(), now() + interval '1 second')`,
      [world.ids["hao"]],
    );
    expect(await may()).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(await may()).toBe(false);
  });
});
