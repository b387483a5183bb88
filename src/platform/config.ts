import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { resolve } from "node:path";
import { z } from "zod";
import { isInTheOpen, parseSyslogUrl, type SyslogAddress } from "./audit/sink/address.ts";
import { parseWitnesses, type WitnessAddress } from "./audit/witnessing.ts";
import { nearest } from "./nearest.ts";
import { isLocalDatabase, isLoopback, isVerifiedDatabase } from "./transport.ts";

/** What an operator may set from outside; everything else is a parameter of a policy. */
export interface Config {
  /** The address to listen on. */
  readonly host: string;
  /** 0: any free one, printed when it is known. */
  readonly port: number;
  /** Absolute path; created 0700 when it is missing. */
  readonly dataDir: string;
  /** An external PostgreSQL; without it the embedded one is used. */
  readonly databaseUrl: string | undefined;
  /** Who creates roles and migrates there, when that is somebody else than `databaseUrl` names. */
  readonly databaseAdminUrl: string | undefined;
  /** The origin that browsers see, `https://mall.example`; without it, the address listened on. */
  readonly publicOrigin: string | undefined;
  /** Addresses or CIDR blocks whose `X-Forwarded-*` headers are believed. */
  readonly trustedProxies: readonly string[];
  /** Seals the keyring file; without it the file lies open to whoever reads the disk. */
  readonly keyringPassphrase: string | undefined;
  readonly logLevel: LogLevel;
  /** IANA zone of the mall's business days. */
  readonly mallTimeZone: string;
  /** Witnesses of the audit log, and where they listen. */
  readonly witnesses: readonly WitnessAddress[];
  /** The name under which the log is signed; without it one is made for the installation. */
  readonly logOrigin: string | undefined;
  /** A syslog server that the audit log is sent on to. */
  readonly auditSyslog: SyslogAddress | undefined;
  /** What the operator lets travel between machines without verified TLS. */
  readonly plaintextAllowed: readonly PlaintextUse[];
  readonly demo: boolean;
}

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

const plaintextUses = ["database", "witness", "syslog"] as const;
export type PlaintextUse = (typeof plaintextUses)[number];

/** Start-up refused; `problems` names every bad setting at once, and never its value when it is a secret. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`Cannot start with these settings:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
    this.problems = problems;
  }
}

const postgresUrl = z.url({
  protocol: /^postgres(ql)?$/,
  hostname: /.+/,
  error: "must be an address such as postgres://user:password@host:5432/database",
});

const settings = {
  HOST: z.string().regex(/^[A-Za-z0-9.:_-]+$/, "must be a host name or an IP address"),
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, "must be a number from 0 to 65535")
    .transform(Number)
    .refine((port) => port <= 65_535, "must be a number from 0 to 65535"),
  DATA_DIR: z.string().refine((path) => !path.includes("\0"), "must be a path"),
  DATABASE_URL: postgresUrl,
  DATABASE_ADMIN_URL: postgresUrl,
  PUBLIC_ORIGIN: z
    .string()
    .refine(isOrigin, "must be an origin such as https://mall.example; http only for loopback"),
  TRUSTED_PROXIES: z
    .string()
    .transform((list) => list.split(",").map((entry) => entry.trim()))
    .refine((list) => list.every(isNetwork), "must be IP addresses or CIDR blocks, separated by commas"),
  KEYRING_PASSPHRASE: z.string().min(12, "must have at least 12 characters"),
  LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(", ")}`),
  WITNESSES: z.string().transform((list, context) => {
    try {
      return parseWitnesses(list);
    } catch (error) {
      context.addIssue(error instanceof Error ? error.message : "must be pairs of address and verifier key");
      return z.NEVER;
    }
  }),
  LOG_ORIGIN: z
    .string()
    .regex(/^[^\s+]{1,200}$/, "must be one word without spaces or plus signs, such as mall.example/log"),
  AUDIT_SYSLOG_URL: z.string().transform((text, context) => {
    const address = parseSyslogUrl(text);
    if (address === null) context.addIssue("must be an address such as tls://siem.example:6514");
    return address ?? z.NEVER;
  }),
  PLAINTEXT_ALLOWED: z
    .string()
    .transform((list) => list.split(",").map((entry) => entry.trim()))
    .pipe(z.array(z.enum(plaintextUses, `must be of ${plaintextUses.join(", ")}, separated by commas`))),
  TZ_MALL: z.string().refine(isTimeZone, "must be an IANA time zone such as Asia/Shanghai"),
} satisfies Record<string, z.ZodType>;
type Name = keyof typeof settings;

/** Every setting there is. */
export const settingNames: readonly string[] = Object.keys(settings);

/** May also be given as NAME_FILE, the path of a file that holds the value. */
const secrets = ["DATABASE_URL", "DATABASE_ADMIN_URL", "KEYRING_PASSPHRASE"] as const satisfies Name[];

/** Names that can only be meant for us: an unknown one is a mistake, not another program's business. */
const ourPrefixes = [
  "GATEHOUSE_",
  "DATABASE_",
  "KEYRING_",
  "DATA_DIR",
  "PUBLIC_ORIGIN",
  "TRUSTED_PROX",
  "PLAINTEXT_",
  "AUDIT_SYSLOG",
  "TZ_MALL",
];

/**
 * Reads the settings. Refuses (`ConfigError`) malformed values, unknown names that begin like ours, and names
 * that are one slip away from a known one; all in one error.
 */
export function loadConfig(env: NodeJS.ProcessEnv, options: { demo: boolean; cwd: string }): Config {
  const problems = unknownNames(env);
  const read = <T>(name: Name, schema: z.ZodType<T>): T | undefined => {
    const raw = rawValue(env, name, problems);
    if (raw === undefined) return undefined;
    const parsed = schema.safeParse(raw);
    if (parsed.success) return parsed.data;
    problems.push(`${name} ${parsed.error.issues[0]?.message ?? "is malformed"}`);
    return undefined;
  };
  const config: Config = {
    host: read("HOST", settings.HOST) ?? "127.0.0.1",
    port: read("PORT", settings.PORT) ?? 8080,
    dataDir: resolve(options.cwd, read("DATA_DIR", settings.DATA_DIR) ?? (options.demo ? "var/demo" : "var")),
    databaseUrl: read("DATABASE_URL", settings.DATABASE_URL),
    databaseAdminUrl: read("DATABASE_ADMIN_URL", settings.DATABASE_ADMIN_URL),
    publicOrigin: read("PUBLIC_ORIGIN", settings.PUBLIC_ORIGIN),
    trustedProxies: read("TRUSTED_PROXIES", settings.TRUSTED_PROXIES) ?? [],
    keyringPassphrase: read("KEYRING_PASSPHRASE", settings.KEYRING_PASSPHRASE),
    logLevel: read("LOG_LEVEL", settings.LOG_LEVEL) ?? "info",
    mallTimeZone: read("TZ_MALL", settings.TZ_MALL) ?? "Asia/Shanghai",
    witnesses: read("WITNESSES", settings.WITNESSES) ?? [],
    logOrigin: read("LOG_ORIGIN", settings.LOG_ORIGIN),
    auditSyslog: read("AUDIT_SYSLOG_URL", settings.AUDIT_SYSLOG_URL),
    plaintextAllowed: read("PLAINTEXT_ALLOWED", settings.PLAINTEXT_ALLOWED) ?? [],
    demo: options.demo,
  };
  if (config.databaseAdminUrl && !config.databaseUrl)
    problems.push("DATABASE_ADMIN_URL needs DATABASE_URL beside it");
  // without an origin pages are served over plain HTTP, which is for this machine alone (ASVS 12.2.1)
  if (!isLoopback(config.host) && !config.publicOrigin)
    problems.push("HOST is reached from other machines; PUBLIC_ORIGIN must say their https:// address");
  if (config.demo && config.databaseUrl)
    problems.push("DATABASE_URL is refused for a demo, whose accounts are public");
  problems.push(...openTransports(config, env));
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/** What would travel between machines where others can read or change it (ASVS 12.3.1 to 12.3.4). */
function openTransports(config: Config, env: NodeJS.ProcessEnv): string[] {
  const problems: string[] = [];
  const { auditSyslog, databaseUrl, databaseAdminUrl, plaintextAllowed, witnesses } = config;
  // a demo takes no address at all
  const databases =
    databaseUrl && !config.demo ? { DATABASE_URL: databaseUrl, DATABASE_ADMIN_URL: databaseAdminUrl } : {};
  for (const [name, url] of Object.entries(databases)) {
    if (url === undefined || isLocalDatabase(url) || isVerifiedDatabase(url)) continue;
    if (!plaintextAllowed.includes("database"))
      problems.push(
        `${name} leads to another machine; it needs sslmode=verify-full, or database in PLAINTEXT_ALLOWED`,
      );
  }
  const inTheOpen = witnesses.some(
    ({ url }) => url.startsWith("http:") && !isLoopback(new URL(url).hostname),
  );
  if (inTheOpen && !plaintextAllowed.includes("witness"))
    problems.push("WITNESSES on other machines need https://, or witness in PLAINTEXT_ALLOWED");
  if (auditSyslog !== undefined && isInTheOpen(auditSyslog) && !plaintextAllowed.includes("syslog"))
    problems.push("AUDIT_SYSLOG_URL on another machine needs tls://, or syslog in PLAINTEXT_ALLOWED");
  // one variable of node's would make every certificate a good one
  if (env["NODE_TLS_REJECT_UNAUTHORIZED"] === "0")
    problems.push("NODE_TLS_REJECT_UNAUTHORIZED=0 would accept any certificate; name the authority instead");
  return problems;
}

/** An empty variable counts as not set: that is how container files leave one out. */
function rawValue(env: NodeJS.ProcessEnv, name: Name, problems: string[]): string | undefined {
  const direct = env[name] || undefined;
  const file = isSecret(name) ? env[`${name}_FILE`] || undefined : undefined;
  if (file === undefined) return direct;
  if (direct !== undefined) {
    problems.push(`${name} and ${name}_FILE are both set; give one of them`);
    return undefined;
  }
  try {
    return readFileSync(file, "utf8").replace(/\r?\n$/, "");
  } catch {
    problems.push(`${name}_FILE names a file that cannot be read (${file})`);
    return undefined;
  }
}

function isSecret(name: Name): boolean {
  return secrets.some((secret) => secret === name);
}

function unknownNames(env: NodeJS.ProcessEnv): string[] {
  const known = [...settingNames, ...secrets.map((secret) => `${secret}_FILE`)];
  return Object.keys(env)
    .filter((name) => !known.includes(name))
    .flatMap((name) => {
      const meant = nearest(name, known);
      if (meant !== undefined) return [`${name} is not a setting; did you mean ${meant}?`];
      return ourPrefixes.some((prefix) => name.startsWith(prefix)) ? [`${name} is not a setting`] : [];
    });
}

function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  if (!url || url.origin !== text) return false;
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
}

function isNetwork(text: string): boolean {
  const [address = "", prefix, ...rest] = text.split("/");
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  if (prefix === undefined) return true;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128);
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}
