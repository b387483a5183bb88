import { generateSecret } from "otplib";
import { plantSession, plantStaff, plantStepUp } from "../../src/access/planting.ts";
import { type Console, openConsole } from "../../src/app.ts";
import { demoPassword } from "../../src/demo/accounts.ts";
import { demoModules } from "../../src/demo/index.ts";
import { roster } from "../../src/demo/roster.ts";
import type { Credential } from "../../src/door/actor.ts";
import { loadConfig } from "../../src/platform/config.ts";
import { createLog } from "../../src/platform/log.ts";

/** Minutes that a session is used before a new one is made: less than the policy's idle and step-up minutes. */
const SESSION_MINUTES = 5;

export type Session = Credential & { type: "session" };

/** The real composition on a data directory of its own, and its people. */
export interface World {
  console: Console;
  /** A session of one of the demo's people, with both factors shown a moment ago. */
  as(login: string): Promise<Session>;
  /** Shows both factors for exactly one input. */
  stepUp(session: Session, digest: string): Promise<void>;
}

/** Opens the console as `main.ts` does, without its server; the first time with people. `lost` is called when it has to end. */
export async function openWorld(dataDir: string, lost: (error: Error) => void): Promise<World> {
  const console = await openConsole({
    config: loadConfig({ DATA_DIR: dataDir, LOG_LEVEL: "silent" }, { demo: true, cwd: dataDir }),
    log: createLog("silent"),
    use: "console",
    extra: demoModules,
    onLost: lost,
  });
  await plantOnce(console);
  const sessions = new Map<string, { session: Promise<Session>; until: number }>();
  const operator = { type: "operator", osUser: "chaos" } as const;

  const open = async (login: string): Promise<Session> => {
    const { id } = await console.read
      .selectFrom("access.person")
      .select("id")
      .where("login", "=", login)
      .executeTakeFirstOrThrow();
    const { value } = await console.door.execute(plantSession, operator, { person: id });
    return { type: "session", person: id, session: value.session };
  };

  return {
    console,
    async as(login) {
      const known = sessions.get(login);
      if (known !== undefined && known.until > performance.now()) return await known.session;
      const session = open(login);
      sessions.set(login, { session, until: performance.now() + SESSION_MINUTES * 60_000 });
      session.catch(() => sessions.delete(login));
      return await session;
    },
    async stepUp({ session }, digest) {
      await console.door.execute(plantStepUp, operator, { session, digest });
    },
  };
}

async function plantOnce(console: Console): Promise<void> {
  const somebody = await console.read.selectFrom("access.person").select("id").limit(1).executeTakeFirst();
  if (somebody !== undefined) return;
  const secrets = () => ({ password: demoPassword(), totpSecret: generateSecret({ length: 20 }) });
  await plantStaff(
    console.access,
    roster.map((person) => ({ ...person, ...secrets() })),
  );
}
