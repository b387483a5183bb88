import { generateSecret } from "otplib";
import type { Console } from "../app.ts";
import { defineModule, type DemoWorld } from "../platform/module.ts";
import { plant, plantSession, plantStaff, plantStepUp } from "../access/planting.ts";
import { type DemoAccount, demoPassword, readAccounts, writeAccounts } from "./accounts.ts";
import { roster } from "./roster.ts";
import { proving } from "./proving.ts";

/** What only a demo has. */
export const demoModules = [
  defineModule({
    name: "demo",
    commands: [plant, plantSession, plantStepUp],
    queries: [],
    routes: [],
    params: [],
    jobs: [],
    nav: [],
  }),
];

/** Fills an empty demo through the door, says loudly that it is one, and prints who can sign in. */
export async function loadDemo(console: Console, say: (line: string) => void): Promise<void> {
  const { config } = console;
  let accounts = await readAccounts(config.dataDir);
  if (accounts === null) {
    say("Loading the demo: people, members and some trouble …");
    accounts = await seed(console);
    await writeAccounts(config.dataDir, accounts);
  }
  say("");
  say("************  DEMO: everybody can read these passwords. Put nothing real in here.  ************");
  for (const line of table(accounts)) say(line);
  say("A current code for one of them: npx gatehouse demo code LOGIN");
  say("");
}

async function seed(console: Console): Promise<DemoAccount[]> {
  const people = roster.map((person) => ({
    ...person,
    password: demoPassword(),
    totpSecret: generateSecret({ length: 20 }),
  }));
  await plantStaff(console.access, people);
  const world = demoWorld(console);
  for (const module of console.modules) await module.demo?.(world);
  return people.map(({ login, password, totpSecret, roles, language }) => ({
    login,
    password,
    totpSecret,
    roles,
    language,
  }));
}

/** What a module's `demo` works with: the door, and the demo's people behind it. */
export function demoWorld(console: Console): DemoWorld {
  const operator = { type: "operator", osUser: "demo" } as const;
  return {
    door: console.door,
    now: new Date(),
    async as(login) {
      const { id } = await console.read
        .selectFrom("access.person")
        .select("id")
        .where("login", "=", login)
        .executeTakeFirstOrThrow();
      const { value } = await console.door.execute(plantSession, operator, { person: id });
      return { type: "session", person: id, session: value.session };
    },
    prove: proving(console.door, operator),
  };
}

function table(accounts: readonly DemoAccount[]): string[] {
  const width = (key: "login" | "password") =>
    Math.max(...accounts.map((account) => account[key].length), key.length);
  const [logins, passwords] = [width("login"), width("password")];
  return [
    `${"login".padEnd(logins)}  ${"password".padEnd(passwords)}  language  roles`,
    ...accounts.map(
      (a) =>
        `${a.login.padEnd(logins)}  ${a.password.padEnd(passwords)}  ${a.language.padEnd(8)}  ${a.roles.join(", ")}`,
    ),
  ];
}
