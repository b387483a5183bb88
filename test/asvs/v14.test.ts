import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Client, escapeIdentifier } from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { readPostmaster } from "../../src/platform/database/postmaster.ts";
import { projectRoot } from "../../src/platform/root.ts";
import { forgetHistory } from "../../src/system/forget/commands.ts";
import { type TestConsole, testConsole } from "../support/console.ts";

// A whole demo is loaded, so that the columns have something in them.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 300_000 });

const Class = z.strictObject({
  what: z.string().min(10),
  form: z.enum(["envelope", "digest", "wrapped", "plain"]),
  roles: z.array(z.string()),
  shown: z.string(),
  leaves: z.string(),
});
const Kept = z.union([
  z.strictObject({ job: z.string() }),
  z.strictObject({ with: z.string() }),
  z.strictObject({ record: z.string() }),
  z.strictObject({ missing: z.string() }),
]);
const File = z.strictObject({
  classes: z.record(z.string(), Class),
  kept: z.record(z.string(), Kept),
  tables: z.record(z.string(), z.object({ kept: z.string() }).catchall(z.array(z.string()))),
});
const { classes, kept, tables } = File.parse(
  parse(readFileSync(join(projectRoot(), "policies/data-classes.yaml"), "utf8")),
);
const columns = Object.entries(tables).flatMap(([table, { kept: _, ...byClass }]) =>
  Object.entries(byClass).flatMap(([name, listed]) =>
    listed.map((column) => ({ table, column, name, of: classes[name] })),
  ),
);

let world: TestConsole;
/** May read everything, whatever the roles of the application may. */
let owner: Client;

beforeAll(async () => {
  world = await testConsole({ with: "demo" });
  const { dataDir } = world.console.config;
  const postmaster = await readPostmaster(join(dataDir, "postgres"));
  const password = readFileSync(join(dataDir, "postgres.password"), "utf8");
  owner = new Client(`postgres://postgres:${password}@127.0.0.1:${postmaster?.port ?? 0}/gatehouse`);
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await world.close();
});

const quoted = (table: string) => table.split(".").map(escapeIdentifier).join(".");

describe("14.1.1, 14.1.2 every column of the database has a class", () => {
  test("14.1.1 each column once, and none that is gone", async () => {
    const { rows } = await owner.query<{ name: string }>(
      `SELECT n.nspname || '.' || c.relname || '.' || a.attname AS name
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition AND n.nspname !~ '^pg_'
          AND n.nspname NOT IN ('information_schema', 'public', 'graphile_worker')`,
    );
    const classified = columns.map(({ table, column }) => `${table}.${column}`);
    expect(classified.toSorted()).toEqual(rows.map(({ name }) => name).toSorted());
    expect(columns.filter(({ of }) => of === undefined)).toEqual([]);
  });

  test("14.1.2 what is sealed is a text, what is a digest is bytes or says its algorithm", async () => {
    const types = new Map(
      (
        await owner.query<{ name: string; type: string }>(
          `SELECT table_schema || '.' || table_name || '.' || column_name AS name, data_type AS type
             FROM information_schema.columns`,
        )
      ).rows.map(({ name, type }) => [name, type]),
    );
    const wrong = columns.filter(({ table, column, of }) => {
      const type = types.get(`${table}.${column}`) ?? "";
      if (of?.form === "envelope") return type !== "text";
      if (of?.form === "digest" || of?.form === "wrapped") return !["bytea", "text"].includes(type);
      // a column with the marks of the vault is no plain one
      return /_(ct|bx)$/.test(column);
    });
    expect(wrong).toEqual([]);
  });
});

describe("14.2.4 each value is kept as its class says", () => {
  const forms = {
    envelope: String.raw`e1\.A256GCM\.[0-9a-f-]{36}\.[\w-]{16}\.[\w-]{22,}`,
    // bytes arrive as hex, none where an input is nothing; argon2id says its own name; a session is named by the SHA-256 of its token
    digest: String.raw`(\\x([0-9a-f]{2}){0,32}|[0-9a-f]{64}|\$argon2id\$v=19\$m=\d+,t=\d+,p=1\$.+)`,
    wrapped: String.raw`\\x([0-9a-f]{2}){60,}`,
  };

  test.each(
    columns.flatMap(({ of, ...one }) =>
      of !== undefined && of.form !== "plain"
        ? [{ ...one, title: `${one.table} ${one.column}`, form: of.form }]
        : [],
    ),
  )("14.2.4 $title ($name)", async ({ table, column, form }) => {
    const { rows } = await owner.query<{ wrong: string }>(
      `SELECT count(*) AS wrong FROM ${quoted(table)} WHERE ${escapeIdentifier(column)}::text !~ $1`,
      [`^${forms[form]}$`],
    );
    expect(rows).toEqual([{ wrong: "0" }]);
  });

  test("14.2.4 the demo has values of every class, so that this could fail", async () => {
    for (const name of Object.keys(classes)) {
      let found = 0;
      for (const { table, column } of columns.filter((one) => one.name === name)) {
        const { rows } = await owner.query<{ n: string }>(
          `SELECT count(${escapeIdentifier(column)}) AS n FROM ${quoted(table)}`,
        );
        found += Number(rows[0]?.n ?? 0);
      }
      expect(`${name} ${found > 0}`).toBe(`${name} true`);
    }
  });

  test("14.2.4 no role of the database reads a column that its class keeps from it", async () => {
    const roles = ["gatehouse_app", "gatehouse_reader", "gatehouse_sequencer", "gatehouse_jobs"];
    const wrong: string[] = [];
    for (const { table, column, of } of columns)
      for (const role of roles.filter((name) => !of?.roles.includes(name))) {
        const { rows } = await owner.query<{ may: boolean }>(
          "SELECT has_column_privilege($1, $2, $3, 'SELECT') AS may",
          [role, quoted(table), column],
        );
        if (rows[0]?.may ?? true) wrong.push(`${role} reads ${table}.${column}`);
      }
    expect(wrong).toEqual([]);
  });
});

describe("14.2.7 what is over is deleted on schedule", () => {
  test("14.2.7 every table says how long its rows stay, and every job that deletes has a schedule", () => {
    const jobs = new Map(
      world.console.modules.flatMap((module) => module.jobs).map((job) => [job.name, job]),
    );
    for (const [table, { kept: rule }] of Object.entries(tables)) expect(kept, table).toHaveProperty([rule]);
    for (const rule of Object.values(kept)) if ("job" in rule) expect(jobs.get(rule.job)?.cron).toBeDefined();
  });

  test("14.2.7 sessions, browsers, links and factors that are over go with the night", async () => {
    await world.session("lin.wei");
    const of = {
      session: "SELECT count(*)::int AS n FROM access.session",
      live: "SELECT count(*)::int AS n FROM access.session WHERE ended_at IS NULL AND expires_at > now()",
      link: "SELECT count(*)::int AS n FROM access.link",
      export: "SELECT count(*)::int AS n FROM members.export",
    };
    const count = async (sql: string) => (await owner.query<{ n: number }>(sql)).rows[0]?.n;
    // rows of another month, put there past the walls
    await owner.query("SET session_replication_role = replica");
    await owner.query(`
      WITH p AS (SELECT id FROM access.person LIMIT 1), d AS (
        INSERT INTO access.device (id, person_id, token_hash, agent, first_seen_at, expires_at)
        SELECT gen_random_uuid(), id, sha256('a'), 'Old', now() - interval '90 days', now() - interval '40 days' FROM p
        RETURNING id)
      INSERT INTO access.session (id, handle, person_id, level, authenticated_at, created_at, expires_at, address, agent, device_id)
        SELECT repeat('0', 64), gen_random_uuid(), p.id, 1, now(), now() - interval '41 days', now() - interval '40 days',
               '203.0.113.7', 'Old', d.id FROM p, d;
      INSERT INTO access.step_up (id, session_id, digest, created_at, expires_at)
        VALUES (gen_random_uuid(), repeat('0', 64), sha256('a'), now(), now() - interval '40 days');
      INSERT INTO access.activity SELECT handle, now() - interval '40 days' FROM access.session WHERE id = repeat('0', 64);
      INSERT INTO access.link (id, kind, person_id, token_hash, created_by, created_at, expires_at)
        SELECT gen_random_uuid(), 'invite', id, sha256('a'), 'x', now(), now() - interval '40 days' FROM access.person LIMIT 1;
      INSERT INTO access.recovery_code (id, person_id, code_hash, created_at, used_at)
        SELECT gen_random_uuid(), id, sha256('a'), now(), now() - interval '40 days' FROM access.person LIMIT 1;
      INSERT INTO members.export (id, member_id, requested_by, permitted_at, expires_at)
        SELECT gen_random_uuid(), id, 'x', now() - interval '41 days', now() - interval '40 days' FROM members.member LIMIT 1`);
    await owner.query("SET session_replication_role = origin");
    const before = { live: await count(of.live), link: await count(of.link), export: await count(of.export) };

    const scheduler = { type: "scheduler", job: "system.forget" } as const;
    await world.console.door.execute(forgetHistory, scheduler, {});

    expect(await count(`${of.session} WHERE id = repeat('0', 64)`)).toBe(0);
    expect(await count("SELECT count(*)::int AS n FROM access.device WHERE agent = 'Old'")).toBe(0);
    expect(
      await count("SELECT count(*)::int AS n FROM access.step_up WHERE session_id = repeat('0', 64)"),
    ).toBe(0);
    expect(
      await count("SELECT count(*)::int AS n FROM access.recovery_code WHERE code_hash = sha256('a')"),
    ).toBe(0);
    expect(await count(of.link)).toBe((before.link ?? 0) - 1);
    expect(await count(of.export)).toBe((before.export ?? 0) - 1);
    // and nothing that is still in use
    expect(await count(of.live)).toBe(before.live);
    await expect(owner.query("SELECT access.forget(now())")).rejects.toMatchObject({ code: "GH001" });
  });
});
