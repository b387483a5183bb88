import { afterAll, beforeAll, expect, test } from "vitest";
import { countCode } from "../../src/access/factor/attempt.ts";
import { confirmEnrolment, startEnrolment, viewEnrolment } from "../../src/access/factor/commands.ts";
import { isUntouched } from "../../src/access/setup/link.ts";
import { acceptLink } from "../../src/access/links/accept.ts";
import { linkOf } from "../../src/access/links/link.ts";
import { newPassword } from "../../src/access/password/new-password.ts";
import { beginSetup, inviteSecond, viewSetup } from "../../src/access/setup/commands.ts";
import { sessionId } from "../../src/access/sessions.ts";
import { tryPassword } from "../../src/access/sign-in/sign-in.ts";
import { invite } from "../../src/access/staff/commands.ts";
import { listStaff } from "../../src/access/staff/queries.ts";
import { generateSync } from "otplib";
import { race, refusal } from "./refusals.ts";
import { accessWorld, browser, PASSWORD, type World } from "./world.ts";

const nobody = { type: "anonymous" } as const;
let world: World;
beforeAll(async () => {
  world = await accessWorld({}, { planted: false });
});
afterAll(async () => await world.close());

const hashed = async () =>
  await newPassword(world.access.runtime.hashing, world.policy(), world.access.runtime.blocklist, {
    password: PASSWORD,
    names: [],
  });
const tokenIn = (link: string | null) => link?.split("/").at(-1) ?? "";
const link = async () => tokenIn(await world.access.setupLink("http://127.0.0.1:8080"));

/** Password, enrolment with a right code: the whole first sign-in of somebody new. */
async function enrol(login: string) {
  const { runtime } = world.access;
  const { token } = await tryPassword(runtime, { login, password: PASSWORD }, browser({}));
  const { id: person } = await world.read
    .selectFrom("access.person")
    .select("id")
    .where("login", "=", login)
    .executeTakeFirstOrThrow();
  const half = { type: "session", person, session: sessionId(token) } as const;
  expect([...(await world.door.whoIs(half)).permissions]).not.toContain("access.sign_in.code");
  await world.door.execute(startEnrolment, half, {});
  const seed = await world.door.ask(viewEnrolment, half, {});
  world.clock.advance(60_000);
  const code = generateSync({
    secret: seed?.secret ?? "",
    epoch: Math.floor(world.clock.now().getTime() / 1000),
  });
  const attempt = await countCode(runtime.throttle, world.policy(), person, code);
  const { value } = await world.door.execute(confirmEnrolment, half, { attempt, device: null });
  expect(value.codes).toHaveLength(10);
  return { type: "session", person, session: sessionId(value.token) } as const;
}

test("the first three people: one link, two invitations, and nothing else until all have enrolled", async () => {
  expect(await world.sql("SELECT 1 FROM access.person")).toEqual([]);
  const old = await link();
  const token = await link();
  const begin = async (token: string, login = "first") =>
    await world.door.execute(beginSetup, nobody, { token, login, name: "第一人", password: await hashed() });
  expect(await isUntouched(world.read)).toBe(true);
  // each start makes a new link and kills the one before
  expect((await refusal(begin(old))).code).toBe("link_gone");
  const ends = await race([
    async () => (await begin(token), "first"),
    async () => (await begin(token, "intruder"), "intruder"),
  ]);
  expect(ends.filter((end) => end === "first" || end === "intruder")).toHaveLength(1);
  expect(await isUntouched(world.read)).toBe(false);
  const [winner] = await world.sql("SELECT login FROM access.person");
  const first = await enrol(String(winner?.["login"]));
  expect(await world.access.setupLink("http://127.0.0.1:8080")).toBeNull();

  // a people administrator by role, and yet:
  expect((await refusal(world.door.ask(listStaff, first, {}))).code).toBe("permission");
  expect((await refusal(world.door.execute(invite, first, { login: "somebody", name: "x" }))).code).toBe(
    "permission",
  );

  const second = await world.door.execute(inviteSecond, first, {
    seat: "second",
    login: "second",
    name: "第二人",
  });
  const approver = await world.door.execute(inviteSecond, first, {
    seat: "approver",
    login: "approver",
    name: "审批人",
  });
  const again = await world.door.execute(inviteSecond, first, { seat: "second" });
  const accept = async (token: string) =>
    await world.door.execute(acceptLink, nobody, { token, password: await hashed() });
  expect((await refusal(accept(second.value.token))).code).toBe("link_gone");
  await accept(again.value.token);
  await accept(approver.value.token);
  expect((await refusal(accept(approver.value.token))).code).toBe("link_gone");

  const two = await enrol("second");
  expect((await refusal(world.door.execute(inviteSecond, two, { seat: "approver" }))).code).toBe(
    "permission",
  );
  expect((await world.door.ask(viewSetup, first, {})).closed).toBe(false);
  await enrol("approver");
  expect((await world.door.ask(viewSetup, first, {})).closed).toBe(true);
  await world.door.ask(listStaff, first, {});
  expect((await refusal(world.door.execute(inviteSecond, first, { seat: "second" }))).code).toBe(
    "setup_closed",
  );
  await expect(world.sql("UPDATE access.setup SET closed_at = NULL")).rejects.toMatchObject({
    code: "GH006",
  });
});

test("a link is used once, for half an hour, and looking uses nothing up", async () => {
  const first = await world.read
    .selectFrom("access.person")
    .select("id")
    .where("login", "=", "second")
    .executeTakeFirstOrThrow();
  const made = await world.sql(
    `INSERT INTO access.link (id, kind, person_id, token_hash, created_by, created_at, expires_at)
     VALUES (gen_random_uuid(), 'reset', $1, sha256('a token that was never shown to anybody'), 'test', $2, $3) RETURNING id`,
    [first.id, world.clock.now(), new Date(world.clock.now().getTime() + 30 * 60_000)],
  );
  expect(made).toHaveLength(1);
  const token = "a token that was never shown to anybody";
  for (let i = 0; i < 3; i += 1)
    expect((await linkOf(world.read, token, world.clock.now()))?.login).toBe("second");
  world.clock.advance(30 * 60_000);
  expect(await linkOf(world.read, token, world.clock.now())).toBeNull();
});
