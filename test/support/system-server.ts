import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";
import { serverUser } from "../../src/platform/database/os-user.ts";

/** The programs of a PostgreSQL that the system's packages installed; `undefined` without one. */
export function systemPrograms(): string | undefined {
  const packages = "/usr/lib/postgresql";
  if (!existsSync(packages)) return undefined;
  const bins = readdirSync(packages).map((version) => join(packages, version, "bin"));
  return bins.find((bin) => existsSync(join(bin, "initdb")));
}

export interface SystemServer {
  /** The superuser's address, of database `postgres`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a throw-away server with the system's programs: what an operator would call external. */
export async function startSystemServer(bin: string): Promise<SystemServer> {
  const user = await serverUser();
  const home = mkdtempSync(join(tmpdir(), "gatehouse-external-"));
  const data = join(home, "data");
  mkdirSync(data);
  const passwordFile = join(home, "password");
  writeFileSync(passwordFile, "external-superuser\n");
  if (user) for (const path of [home, data, passwordFile]) chownSync(path, user.uid, user.gid);
  const as = { ...user, cwd: "/" };
  const options = [
    "--username=postgres",
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--no-sync",
    "--encoding=UTF8",
  ];
  execFileSync(join(bin, "initdb"), [`--pgdata=${data}`, "--locale=C", ...options], {
    ...as,
    stdio: "ignore",
  });
  const port = await freePort();
  const settings = [`port=${port}`, "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"];
  const server = spawn(
    join(bin, "postgres"),
    ["-D", data, ...settings.flatMap((setting) => ["-c", setting])],
    {
      ...as,
      stdio: "ignore",
    },
  );
  const url = `postgres://postgres:external-superuser@127.0.0.1:${port}/postgres`;
  await untilReady(url);
  return {
    url,
    async stop() {
      server.kill("SIGINT");
      await once(server, "exit");
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function untilReady(url: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const client = new Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (tries > 400) throw error;
      await delay(50);
    }
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  return typeof address === "object" && address ? address.port : 0;
}
