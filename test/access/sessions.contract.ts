import { afterAll, beforeAll, expect, test } from "vitest";
import type { Tx } from "../../src/door/tables.ts";
import type {
  createSession,
  endSession,
  endSessionsOf,
  renewSession,
  SessionFacts,
  sessionId,
  validateSession,
} from "../../src/access/sessions.ts";
import { accessWorld, type World } from "./world.ts";

/** What stands behind the seam of sessions. */
export interface SessionLibrary {
  createSession: typeof createSession;
  validateSession: typeof validateSession;
  renewSession: typeof renewSession;
  endSession: typeof endSession;
  endSessionsOf: typeof endSessionsOf;
  sessionId: typeof sessionId;
}

/**
 * What any replacement of lucia must pass. `inTransaction` runs work as the door would: on a write connection, in a
 * transaction that has its command.
 */
export function sessionContract(
  library: SessionLibrary,
  inTransaction: <R>(world: World, work: (tx: Tx) => Promise<R>) => Promise<R>,
): void {
  let world: World;
  const HOUR = 3_600_000;
  beforeAll(async () => {
    world = await accessWorld({ wei: [], hao: [] });
  });
  afterAll(async () => await world.close());

  const facts = (login = "wei"): SessionFacts => ({
    person: world.ids[login] ?? "",
    handle: crypto.randomUUID(),
    level: 2,
    authenticatedAt: world.clock.now(),
    factorAt: world.clock.now(),
    expiresAt: new Date(world.clock.now().getTime() + 8 * HOUR),
    address: "203.0.113.7",
    agent: "Chrome · Linux",
    device: null,
  });
  const create = async (given: SessionFacts) =>
    await inTransaction(world, async (tx) => await library.createSession(tx, world.clock, given));
  const validate = async (token: string) => await library.validateSession(world.read, world.clock, token);
  const snapshot = async () => await world.sql("SELECT * FROM access.session ORDER BY id");

  test("a token has at least 128 random bits, and no two are the same", async () => {
    const tokens = new Set<string>();
    for (let i = 0; i < 50; i += 1) tokens.add(await create(facts()));
    expect(tokens.size).toBe(50);
    for (const token of tokens) expect(token.length * 5).toBeGreaterThanOrEqual(128);
  });

  test("a token gives back the facts of its session", async () => {
    const given = facts();
    const token = await create(given);
    expect(await validate(token)).toEqual({ id: library.sessionId(token), ...given });
  });

  test("the stored id is no token, and the token is not stored", async () => {
    const token = await create(facts());
    expect(await validate(library.sessionId(token))).toBeNull();
    const rows = JSON.stringify(await snapshot());
    expect(rows).toContain(library.sessionId(token));
    expect(rows).not.toContain(token);
  });

  test("unknown, empty, long and hostile tokens are nobody", async () => {
    for (const token of [
      "",
      "x",
      "a".repeat(40),
      "'; DROP TABLE access.session; --",
      "\u0000",
      "é".repeat(10_000),
    ])
      expect(await validate(token)).toBeNull();
  });

  test("the absolute limit holds by the given clock, and using the session does not move it", async () => {
    const given = facts();
    const token = await create(given);
    for (let hour = 0; hour < 7; hour += 1) {
      world.clock.advance(HOUR);
      expect((await validate(token))?.expiresAt).toEqual(given.expiresAt);
    }
    world.clock.advance(HOUR - 1);
    expect(await validate(token)).not.toBeNull();
    world.clock.advance(2);
    expect(await validate(token)).toBeNull();
  });

  test("validating writes nothing, not even when the session is over", async () => {
    const live = await create(facts());
    const dead = await create({ ...facts(), expiresAt: new Date(world.clock.now().getTime() + 1) });
    world.clock.advance(10);
    const before = await snapshot();
    await validate(live);
    await validate(dead);
    await validate("unknown");
    expect(await snapshot()).toEqual(before);
  });

  test("an ended session is over for good, and its row stays", async () => {
    const token = await create(facts());
    const id = library.sessionId(token);
    const end = async () =>
      await inTransaction(world, async (tx) => await library.endSession(tx, world.clock, id, "ended"));
    expect(await end()).toBe(true);
    expect(await end()).toBe(false);
    expect(await validate(token)).toBeNull();
    expect((await snapshot()).some((row) => row["id"] === id)).toBe(true);
  });

  test("all sessions of one person end, but for one, and nobody else's do", async () => {
    const [one, keep, other] = [
      await create(facts("hao")),
      await create(facts("hao")),
      await create(facts("wei")),
    ];
    const ended = await inTransaction(
      world,
      async (tx) =>
        await library.endSessionsOf(
          tx,
          world.clock,
          world.ids["hao"] ?? "",
          "credentials",
          library.sessionId(keep),
        ),
    );
    expect(ended).toBe(1);
    expect(await validate(one)).toBeNull();
    expect(await validate(keep)).not.toBeNull();
    expect(await validate(other)).not.toBeNull();
  });

  test("a renewal gives a new token under the same handle, keeps the limit, and kills the old one", async () => {
    const given = facts();
    const token = await create(given);
    const old = await validate(token);
    if (old === null) throw new Error("it should live");
    world.clock.advance(HOUR);
    const factorAt = world.clock.now();
    const renewed = await inTransaction(
      world,
      async (tx) => await library.renewSession(tx, world.clock, old, { factorAt }),
    );
    expect(renewed?.token).not.toBe(token);
    expect(await validate(token)).toBeNull();
    expect(await validate(renewed?.token ?? "")).toEqual({ ...old, id: renewed?.id, factorAt });
  });

  test("of two renewals of one session, one wins", async () => {
    const token = await create(facts());
    const old = await validate(token);
    if (old === null) throw new Error("it should live");
    const renew = async () =>
      await inTransaction(world, async (tx) => await library.renewSession(tx, world.clock, old, {}));
    const renewed = await Promise.all([renew(), renew(), renew()]);
    expect(renewed.filter((result) => result !== null)).toHaveLength(1);
  });
}
