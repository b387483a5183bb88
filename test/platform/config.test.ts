import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ConfigError, loadConfig } from "../../src/platform/config.ts";

const directory = mkdtempSync(join(tmpdir(), "config-"));
afterAll(() => rmSync(directory, { recursive: true }));

function load(env: Record<string, string>, demo = false) {
  return loadConfig(env, { demo, cwd: "/srv" });
}

function problemsOf(env: Record<string, string>, demo = false): readonly string[] {
  try {
    load(env, demo);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test("nothing set: loopback, port 8080, ./var, the embedded database", () => {
  expect(load({})).toEqual({
    host: "127.0.0.1",
    port: 8080,
    dataDir: "/srv/var",
    databaseUrl: undefined,
    databaseAdminUrl: undefined,
    publicOrigin: undefined,
    trustedProxies: [],
    keyringPassphrase: undefined,
    logLevel: "info",
    mallTimeZone: "Asia/Shanghai",
    witnesses: [],
    logOrigin: undefined,
    auditSyslog: undefined,
    plaintextAllowed: [],
    demo: false,
  });
  expect(load({}, true).dataDir).toBe("/srv/var/demo");
});

test("everything set", () => {
  const config = load({
    HOST: "0.0.0.0",
    PORT: "0",
    DATA_DIR: "/data",
    DATABASE_URL: "postgres://u:p@db:5432/mall?sslmode=verify-full",
    PUBLIC_ORIGIN: "https://mall.example",
    TRUSTED_PROXIES: "10.0.0.0/8, ::1",
    LOG_LEVEL: "debug",
    TZ_MALL: "Asia/Urumqi",
  });
  expect(config).toMatchObject({
    host: "0.0.0.0",
    port: 0,
    dataDir: "/data",
    publicOrigin: "https://mall.example",
  });
  expect(config).toMatchObject({
    trustedProxies: ["10.0.0.0/8", "::1"],
    logLevel: "debug",
    mallTimeZone: "Asia/Urumqi",
  });
});

test("an address that other machines reach needs the origin they see: plain HTTP is for this machine alone", () => {
  for (const HOST of ["0.0.0.0", "::", "10.0.0.7", "mall.internal"]) {
    expect(problemsOf({ HOST })).toEqual([
      "HOST is reached from other machines; PUBLIC_ORIGIN must say their https:// address",
    ]);
    expect(problemsOf({ HOST, PUBLIC_ORIGIN: "http://mall.example" }).join()).toContain("PUBLIC_ORIGIN");
    expect(load({ HOST, PUBLIC_ORIGIN: "https://mall.example" }).host).toBe(HOST);
  }
  for (const HOST of ["127.0.0.1", "127.8.8.8", "::1", "localhost"]) expect(problemsOf({ HOST })).toEqual([]);
});

describe("secrets", () => {
  test("come from a file, whose last line end is not part of them", () => {
    const file = join(directory, "passphrase");
    writeFileSync(file, "correct horse battery staple\n");
    expect(load({ KEYRING_PASSPHRASE_FILE: file }).keyringPassphrase).toBe("correct horse battery staple");
  });

  test("are refused when given twice, or in a file that is not there", () => {
    expect(problemsOf({ DATABASE_URL: "postgres://h/d", DATABASE_URL_FILE: "/nowhere" })).toEqual([
      "DATABASE_URL and DATABASE_URL_FILE are both set; give one of them",
    ]);
    expect(problemsOf({ KEYRING_PASSPHRASE_FILE: "/nowhere" })).toEqual([
      "KEYRING_PASSPHRASE_FILE names a file that cannot be read (/nowhere)",
    ]);
  });

  test("never stand in the error", () => {
    const secret = "hunter2";
    const problems = problemsOf({ DATABASE_URL: `mysql://root:${secret}@h/d`, KEYRING_PASSPHRASE: secret });
    expect(problems).toHaveLength(2);
    expect(problems.join()).not.toContain(secret);
  });
});

test("all mistakes are named at once", () => {
  expect(
    problemsOf({
      GATEHOUSE_MODE: "fast",
      DATABASE_POOL: "7",
      PORT: "65536",
      PUBLIC_ORIGIN: "mall.example",
      TRUSTED_PROXIES: "10.0.0.0/33",
      LOG_LEVEL: "loud",
      TZ_MALL: "Mars/Olympus",
      DATABASE_ADMIN_URL: "postgres://h/d",
    }),
  ).toEqual([
    "GATEHOUSE_MODE is not a setting",
    "DATABASE_POOL is not a setting",
    "PORT must be a number from 0 to 65535",
    "PUBLIC_ORIGIN must be an origin such as https://mall.example; http only for loopback",
    "TRUSTED_PROXIES must be IP addresses or CIDR blocks, separated by commas",
    "LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent",
    "TZ_MALL must be an IANA time zone such as Asia/Shanghai",
    "DATABASE_ADMIN_URL needs DATABASE_URL beside it",
  ]);
});

test.each(["KEYRING_PASSPHRSE", "DATA_DRI", "PUBLIC_ORIGIM", "LOG_LEVELS", "DATABASE_ULR"])(
  "a slip is seen: %s",
  (name) => {
    expect(problemsOf({ [name]: "x" })).toEqual([
      expect.stringMatching(`^${name} is not a setting; did you mean `),
    ]);
  },
);

test("what other programs keep in the environment is none of our business", () => {
  expect(
    problemsOf({
      PATH: "/bin",
      POST: "1",
      HOSTNAME: "box",
      npm_config_port: "x",
      PGPORT: "1",
      HOST_FILE: "x",
      TZ: "UTC",
    }),
  ).toEqual([]);
});

test("an empty variable counts as not set", () => {
  expect(load({ PORT: "", DATABASE_URL: "", DATABASE_URL_FILE: "" }).port).toBe(8080);
});

test.each(["8080x", "-1", "1e3", " 80", "08080123"])("a port of %j is refused", (port) => {
  expect(problemsOf({ PORT: port })).toEqual(["PORT must be a number from 0 to 65535"]);
});

test.each([
  "http://mall.example",
  "https://mall.example/",
  "https://mall.example/path",
  "javascript:alert(1)",
  "https://u@mall.example",
])("an origin of %j is refused", (origin) => {
  expect(problemsOf({ PUBLIC_ORIGIN: origin })).toHaveLength(1);
});

test("a demo has public accounts, so it refuses a real database", () => {
  expect(problemsOf({ DATABASE_URL: "postgres://h/d" }, true)).toEqual([
    "DATABASE_URL is refused for a demo, whose accounts are public",
  ]);
});
