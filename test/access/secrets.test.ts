import { randomUUID } from "node:crypto";
import type { PoolClient } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accessWorld, type World } from "./world.ts";

/*
 * What the roles of the program can learn of other people's passwords, factors and tokens when the code has a hole:
 * nothing here goes through the door's code.
 */

let world: World;
beforeAll(async () => {
  world = await accessWorld({ wei: [], hao: [] });
  await world.signIn("wei");
  await world.signIn("hao");
});
afterAll(async () => await world.close());

/** Runs work as the application inside a command about this person, and takes it back. */
async function about<R>(login: string | null, work: (app: PoolClient) => Promise<R>): Promise<R> {
  const app = await world.db.pool("gatehouse_app").connect();
  try {
    await app.query("BEGIN");
    await app.query(
      "INSERT INTO door.command (id, name, actor_type, actor_id, input_digest) VALUES ($1, 'x', 'user', 'x', '')",
      [randomUUID()],
    );
    if (login !== null) await app.query("SELECT set_config('gatehouse.about', $1, true)", [world.ids[login]]);
    return await work(app);
  } finally {
    await app.query("ROLLBACK");
    app.release();
  }
}

describe("the reader", () => {
  test.each([
    "SELECT hash FROM access.password",
    "SELECT secret FROM access.totp",
    "SELECT last_step FROM access.totp",
    "SELECT code_hash FROM access.recovery_code",
    "SELECT token_hash FROM access.device",
    "SELECT token_hash FROM access.link",
    "SELECT p FROM access.password p",
    "SELECT count(*) FROM access.link WHERE token_hash = ''",
    "SELECT access.about()",
  ])("cannot: %s", async (statement) => {
    await expect(world.db.pool("gatehouse_reader").query(statement)).rejects.toMatchObject({ code: "42501" });
  });

  test("sees who has a factor, and since when", async () => {
    const { rows } = await world.db
      .pool("gatehouse_reader")
      .query("SELECT DISTINCT person_id FROM access.totp WHERE state = 'active'");
    expect(rows).toHaveLength(2);
  });

  test("learns of a token only what whoever holds it may know", async () => {
    const { rows } = await world.db
      .pool("gatehouse_reader")
      .query("SELECT access.device_of('\\x00', $1, now()) AS device", [world.ids["wei"]]);
    expect(rows).toEqual([{ device: null }]);
  });
});

describe("the application, inside a command", () => {
  const tables = ["totp", "recovery_code", "password"];

  test.each(tables)(
    "finds of access.%s the rows of the person it is about, and nobody's without one",
    async (table) => {
      const people = async (login: string | null) =>
        await about(login, async (app) => {
          const { rows } = await app.query<{ person_id: string }>(
            `SELECT DISTINCT person_id FROM access.${table}`,
          );
          return rows.map((row) => row.person_id);
        });
      expect(await people("wei")).toEqual([world.ids["wei"]]);
      expect(await people("hao")).toEqual([world.ids["hao"]]);
      expect(await people(null)).toEqual([]);
    },
  );

  test("changes nobody else's factor, codes or password, also without naming anybody", async () => {
    for (const [statement, rows] of [
      ["UPDATE access.totp SET state = 'locked' WHERE state = 'active'", 1],
      [
        "UPDATE access.recovery_code SET replaced_at = now() WHERE used_at IS NULL AND replaced_at IS NULL",
        10,
      ],
      ["UPDATE access.password SET changed_at = now()", 1],
    ] as const)
      expect([statement, await about("wei", async (app) => (await app.query(statement)).rowCount)]).toEqual([
        statement,
        rows,
      ]);
  });

  test("gives nobody else a password or a factor", async () => {
    for (const statement of [
      `INSERT INTO access.password (person_id, hash, changed_at) VALUES ($1, '$argon2id$x', now())
       ON CONFLICT (person_id) DO UPDATE SET hash = excluded.hash`,
      `INSERT INTO access.totp (id, person_id, secret, state, created_at, confirmed_at)
       VALUES (gen_random_uuid(), $1, 'x', 'active', now(), now())`,
      `INSERT INTO access.recovery_code (id, person_id, code_hash, created_at)
       VALUES (gen_random_uuid(), $1, sha256('x'), now())`,
    ])
      await expect(
        about("wei", async (app) => await app.query(statement, [world.ids["hao"]])),
        statement,
      ).rejects.toMatchObject({ code: "42501" });
  });

  test("writes a hash and never reads one", async () => {
    await expect(
      about("wei", async (app) => await app.query("SELECT hash FROM access.password")),
    ).rejects.toMatchObject({ code: "42501" });
  });

  test("whom it was about ends with the transaction", async () => {
    const app = await world.db.pool("gatehouse_app").connect();
    await app.query("BEGIN");
    await app.query("SELECT set_config('gatehouse.about', $1, true)", [world.ids["wei"]]);
    await app.query("COMMIT");
    expect((await app.query("SELECT 1 FROM access.totp")).rows).toEqual([]);
    app.release();
  });
});
