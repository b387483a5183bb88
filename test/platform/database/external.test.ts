import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDatabase } from "../../../src/platform/database/index.ts";
import { openEmbedded } from "../../../src/platform/database/embedded.ts";
import { renderGrants } from "../../support/grants.ts";
import { testPassword, withClient } from "../../support/server.ts";
import { startSystemServer, systemPrograms } from "../../support/system-server.ts";

interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

const system = systemPrograms();

/** Our own binaries, seen from outside: the newest version that we support. */
async function startNewest(): Promise<Server> {
  const dataDir = await mkdtemp(join(tmpdir(), `gatehouse-test-${process.pid}-newest-`));
  const embedded = await openEmbedded({ dataDir, use: "console", durable: false });
  return {
    url: `postgres://postgres:${embedded.password}@127.0.0.1:${embedded.port}/postgres`,
    async stop() {
      await embedded.stop();
      await rm(dataDir, { recursive: true });
    },
  };
}

describe.each([
  { server: "the newest PostgreSQL", available: true, start: startNewest },
  {
    server: "the system's PostgreSQL (needs the Debian package postgresql)",
    available: system !== undefined,
    start: async () => await startSystemServer(system ?? ""),
  },
])("on $server", ({ available, start }) => {
  describe.runIf(available)("an external database", () => {
    let server: Server;
    let databaseUrl: string;
    beforeAll(async () => {
      server = await start();
      // As docs/running.md tells an operator: no superuser, an owner that may create roles.
      await withClient(server.url, async (superuser) => {
        await superuser.query("CREATE ROLE mall_admin LOGIN CREATEROLE PASSWORD 'by hand'");
        await superuser.query("CREATE DATABASE mall OWNER mall_admin");
      });
      databaseUrl = address("mall_admin", "by hand", "mall");
    });
    afterAll(async () => await server.stop());

    function address(user: string, password: string, database: string): string {
      const url = new URL(server.url);
      return Object.assign(url, { username: user, password, pathname: database }).href;
    }

    async function open(url: string, adminUrl?: string) {
      const choice = { dataDir: "/nowhere", databaseUrl: url, databaseAdminUrl: adminUrl };
      return await openDatabase(choice, { use: "console", password: testPassword });
    }

    test("gets its roles and tables from an admin who is no superuser, and again without harm", async () => {
      const first = await open(databaseUrl);
      expect(first.kind).toBe("external");
      expect(first.applied).toContain("0001_door");
      const second = await open(address("somebody", "else", "mall"), databaseUrl);
      expect(second.applied).toEqual([]);
      await withClient(second.url("gatehouse_app"), async (app) => {
        const { rows } = await app.query(
          "SELECT current_user::text AS me, current_setting('statement_timeout') AS timeout",
        );
        expect(rows).toEqual([{ me: "gatehouse_app", timeout: "10s" }]);
      });
    });

    test("gives its roles the committed rights", async () => {
      const database = await open(databaseUrl);
      const grants = await withClient(database.url("gatehouse_owner"), renderGrants);
      const committed = await readFile(new URL("grants.txt", import.meta.url), "utf8");
      // MAINTAIN came with PostgreSQL 17; the migrations grant it where it exists.
      const withoutMaintain = (list: string) => list.replaceAll(" maintain,", "");
      expect(withoutMaintain(grants)).toBe(withoutMaintain(committed));
    });

    test("lets no other role of the server in", async () => {
      await open(databaseUrl);
      await withClient(
        server.url,
        async (superuser) => await superuser.query("CREATE ROLE stranger LOGIN PASSWORD 'x'"),
      );
      const visit = withClient(address("stranger", "x", "mall"), async () => {});
      await expect(visit).rejects.toMatchObject({ code: "42501" });
    });

    test("is refused when the server carries another mall, whose roles would be taken from it", async () => {
      await open(databaseUrl);
      await withClient(
        server.url,
        async (superuser) => await superuser.query("CREATE DATABASE second OWNER mall_admin"),
      );
      await expect(open(address("mall_admin", "by hand", "second"))).rejects.toThrow(
        'already carries the Gatehouse of database "mall"',
      );
    });

    test("is refused to an admin who may not create roles, in words that say so", async () => {
      await withClient(server.url, async (superuser) => {
        await superuser.query(
          "CREATE ROLE plain LOGIN PASSWORD 'x'; GRANT CONNECT ON DATABASE mall TO plain",
        );
      });
      await expect(open(address("plain", "x", "mall"))).rejects.toThrow(/docs\/running\.md/);
    });
  });
});
