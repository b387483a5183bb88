import { join } from "node:path";
import type { AnyCommand } from "./door/command.ts";
import { systemClock } from "./door/clock.ts";
import { createDoor, type Door } from "./door/door.ts";
import type { Tx } from "./door/tables.ts";
import { type Access, accessModule, narrowWriters, openAccess } from "./access/index.ts";
import { anonymousEventsPerMinute, auditModule, checkpointSeconds, publicLogModule } from "./audit/index.ts";
import { membersModule } from "./mall/members/index.ts";
import { loadAssets } from "./platform/assets.ts";
import { startForwarding, SYSLOG } from "./platform/audit/sink/forward.ts";
import { openAudit, type OpenAudit } from "./platform/audit/service.ts";
import type { Config } from "./platform/config.ts";
import {
  ensureDataDir,
  openDatabase,
  openJobsPool,
  openReadPool,
  openSequencerPool,
  openWritePool,
  type Use,
} from "./platform/database/index.ts";
import { platformPorts } from "./platform/door-ports.ts";
import { createApp, createOutbound, type HttpApp } from "./platform/http/index.ts";
import { startWorker, type Worker } from "./platform/jobs/worker.ts";
import type { Log } from "./platform/log.ts";
import type { Module } from "./platform/module.ts";
import {
  type CompiledPolicy,
  findShipped,
  PolicyFileError,
  policyInForce,
  type PolicyInForce,
  shippedErrors,
  type ShippedFile,
  takeInPolicies,
  type Vocabulary,
} from "./platform/policy/index.ts";
import { sharing } from "./platform/policy/in-flight.ts";
import { outboxModule } from "./platform/outbox/index.ts";
import {
  databaseAnswers,
  diskHasRoom,
  keyringReadable,
  migrationsApplied,
  sequencerKeepsUp,
} from "./platform/ready.ts";
import { projectRoot } from "./platform/root.ts";
import {
  checkKeysPresent,
  type Keyring,
  openKeyring,
  openVault,
  type Vault,
} from "./platform/vault/index.ts";
import { jobAttempts, searchModule, systemModule } from "./system/index.ts";
import { viewContext } from "../views/context.ts";
import { systemPages } from "../views/system/index.tsx";

/** The house, room by room. A new module is a folder and a line here. */
const rooms: readonly Module[] = [accessModule, auditModule, membersModule, systemModule];

/** The rooms, and what carries their effects to the outside. */
export const modules: readonly Module[] = [...rooms, outboxModule(rooms)];

/** A running console without its server and its worker, which only `main.ts` starts. */
export interface Console {
  config: Config;
  log: Log;
  modules: readonly Module[];
  door: Door;
  read: Tx;
  rules: PolicyInForce;
  vault: Vault;
  keyring: Keyring;
  audit: OpenAudit;
  access: Access;
  /** The web application, for a server to serve. */
  http(): HttpApp;
  /** A one-time link for the first person; null once somebody used one. `origin` is what browsers see. */
  setupLink(origin: string, osUser: string): Promise<string | null>;
  work(): Promise<Worker>;
  close(): Promise<void>;
}

export interface OpenOptions {
  config: Config;
  log: Log;
  use: Use;
  /** Further modules: the demo's own commands. */
  extra?: readonly Module[];
  /** The database is gone for good, or somebody else has it: the process has to end. */
  onLost?: (error: Error) => void;
}

/** Opens everything in the order in which it stands on each other; closes it in the reverse one. */
export async function openConsole({ config, log, use, extra = [], onLost }: OpenOptions): Promise<Console> {
  const clock = systemClock;
  const closing: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const step of closing.splice(0).toReversed()) {
      await step().catch((error: unknown) => log.error("unexpected_error", { code: "closing", error }));
    }
  };
  try {
    await ensureDataDir(config.dataDir, { embedded: config.databaseUrl === undefined });
    const keyringPath = join(config.dataDir, "keyring.json");
    const keyring = await openKeyring({
      path: keyringPath,
      clock,
      ...(config.keyringPassphrase === undefined ? {} : { passphrase: config.keyringPassphrase }),
    });
    const database = await openDatabase(config, {
      use,
      password: (role) => keyring.derive(`database/${role}`).toString("hex"),
      ...(onLost === undefined ? {} : { onLost }),
    });
    closing.push(async () => await database.stop());
    const pools = {
      url: database.url,
      onError: (error: Error, role: string) =>
        log.warn("unexpected_error", { code: "connection", host: role, error }),
    };
    const write = openWritePool(pools);
    const read = openReadPool(pools);
    const sequencerPool = openSequencerPool(pools);
    closing.push(async () => await Promise.all([write.end(), read.db.destroy(), sequencerPool.end()]));

    const all = [...modules, publicLogModule(read.db), searchModule([...modules, ...extra]), ...extra];
    const vault = openVault(keyring, clock);
    await checkKeysPresent(read.db, vault.describe());
    const shipped = await findShipped(projectRoot());
    const current = remembered(sharing(policyInForce(shipped, vocabularyOf(all))));
    const outbound = createOutbound({
      // a witness is named by the operator, and mostly stands in the house
      destinations: config.witnesses.map(({ url }) => ({ origin: new URL(url).origin, private: true })),
      log,
    });
    const commands = new Map<string, AnyCommand>(
      all.flatMap((module) => module.commands).map((c) => [c.name, c]),
    );
    await current.rules(read.db);
    const fileErrors = shippedErrors(shipped, vocabularyOf(all));
    if (fileErrors.length > 0) {
      const error = new PolicyFileError(fileErrors);
      log.warn("unexpected_error", { code: "policy_file", count: fileErrors.length, error });
    }

    const audit = await openAudit({
      appUrl: database.url("gatehouse_app"),
      sequencerPool,
      read: read.db,
      clock,
      dataDir: config.dataDir,
      seed: keyring.derive("log-signer"),
      origin: config.logOrigin ?? `gatehouse/${keyring.derive("log-origin").toString("hex", 0, 8)}`,
      witnesses: config.witnesses,
      sinks: config.auditSyslog === undefined ? [] : [SYSLOG],
      post: async (url, body) => {
        const answer = await outbound({ method: "POST", url, body });
        return { status: answer.status, text: answer.body.toString("utf8") };
      },
      anonymousPerMinute: () => current.last().params(anonymousEventsPerMinute),
      signEverySeconds: () => current.last().params(checkpointSeconds),
      onError: (error) => log.error("unexpected_error", { code: "audit", error }),
    });
    closing.push(async () => await audit.stop());
    // a command line that leads for a moment leaves it to the console
    if (config.auditSyslog !== undefined && use === "console") {
      const { host } = config.auditSyslog;
      const forwarding = startForwarding({
        address: config.auditSyslog,
        read: read.db,
        pool: sequencerPool,
        leads: () => audit.leading,
        onError: (error) => log.warn("outbound_refused", { code: "syslog", host, error }),
      });
      closing.push(async () => await forwarding.stop());
    }

    let door: Door | undefined;
    const theDoor = () => {
      if (door === undefined) throw new Error("the door is not hung yet");
      return door;
    };
    const access = openAccess({
      door: theDoor,
      read: read.db,
      narrow: narrowWriters(write, vault, clock),
      rules: current.rules,
      vault,
      pepper: keyring.derive("pepper"),
      formKey: keyring.derive("forms"),
      clock,
      secure: config.publicOrigin?.startsWith("https:") ?? false,
      publicOrigin: config.publicOrigin,
      queries: new Map(all.flatMap((module) => module.queries).map((query) => [query.name, query])),
      tour: config.demo ? all.flatMap((module) => module.tour ?? []) : [],
    });
    const services = {
      vault,
      mallTimeZone: config.mallTimeZone,
      audit,
      policyFiles: { errors: fileErrors },
      access: { ...access.services, command: (name: string) => commands.get(name) },
    };
    door = createDoor({
      ...platformPorts(vault, services),
      write,
      read: read.db,
      identify: access.identify,
      person: access.person,
      policy: current.rules,
      log: audit.log,
      useStepUp: access.useStepUp,
      frozen: () => audit.frozen(),
      commands,
      clock,
      unexpected: (error, command, request) => log.error("unexpected_error", { command, request, error }),
    });
    // a frozen log lets nothing in; what changed is listed at the next start
    if (audit.frozen() === null) await takeIn(door, shipped.files);

    return {
      config,
      log,
      modules: all,
      door,
      read: read.db,
      rules: current.rules,
      vault,
      keyring,
      audit,
      access,
      http: () =>
        createApp({
          door: theDoor(),
          modules: all,
          authenticate: access.authenticate,
          stepUp: access.stepUp,
          turnedAway: access.turnedAway,
          forged: access.forged,
          banners: async (who, language) =>
            await access.banners(who, language, { demo: config.demo, fork: audit.fork !== undefined }),
          view: viewContext,
          pages: systemPages,
          assets: loadAssets(),
          formKey: keyring.derive("forms"),
          publicOrigin: config.publicOrigin,
          trustedProxies: config.trustedProxies,
          timezone: config.mallTimeZone,
          ready: {
            database: async () => await databaseAnswers(read.db),
            migrations: async () => await migrationsApplied(read.pool, projectRoot()),
            keyring: async () => await keyringReadable(keyringPath),
            sequencer: async () => await sequencerKeepsUp(sequencerPool, clock),
            disk: async () => await diskHasRoom(config.dataDir),
            audit: async () => {
              if (audit.frozen() !== null) throw new Error("the log is frozen");
            },
          },
          clock,
          log,
        }),
      setupLink: access.setupLink,
      work: async () => {
        const pool = openJobsPool(pools);
        const worker = await startWorker({
          pool,
          door: theDoor(),
          jobs: all.flatMap((module) => module.jobs),
          attempts: async () => (await current.rules(read.db)).params(jobAttempts),
          log,
        });
        return {
          wake: worker.wake,
          async stop() {
            await worker.stop();
            await pool.end();
          },
        };
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What the files may name: the closed set that the manifests give. */
export function vocabularyOf(all: readonly Module[]): Vocabulary {
  const commands = all.flatMap((module) => module.commands);
  return {
    permissions: new Set([...commands, ...all.flatMap((module) => module.queries)].map(({ name }) => name)),
    queries: new Set(all.flatMap((module) => module.queries).map(({ name }) => name)),
    reveals: new Set(commands.filter((command) => command.kind === "reveal").map(({ name }) => name)),
    gates: new Map(commands.map((command) => [command.name, command.gateAtLeast])),
    params: all.flatMap((module) => module.params),
  };
}

/** Keeps the policy that was read last, for those who cannot wait for the database. */
function remembered(rules: PolicyInForce): { rules: PolicyInForce; last(): CompiledPolicy } {
  let last: CompiledPolicy | undefined;
  return {
    rules: async (tx) => (last = await rules(tx)),
    last: () => {
      if (last === undefined) throw new Error("the policy was not read yet");
      return last;
    },
  };
}

/** The first start takes the shipped files in; later starts list what changed as drafts. */
async function takeIn(door: Door, shipped: readonly ShippedFile[]): Promise<void> {
  const files = shipped.map(({ document, version, sha256, text }) => ({
    document,
    version,
    sha256: sha256.toString("hex"),
    text,
  }));
  await door.execute(takeInPolicies, { type: "scheduler", job: "policies.take_in" }, { files });
}
