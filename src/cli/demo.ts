import { codeOf, readAccounts } from "../demo/accounts.ts";
import { UsageError, type Verb, word } from "./verb.ts";

export const demoVerbs: readonly Verb[] = [
  {
    name: "demo code",
    words: "LOGIN",
    summary: "Prints the code that this demo account's authenticator shows now.",
    async run(work) {
      const login = word(work, 0, "the login");
      const accounts = await readAccounts(work.config.dataDir);
      if (accounts === null)
        throw new UsageError(`there is no demo in ${work.config.dataDir}; start one with npm run demo`);
      const account = accounts.find((a) => a.login === login);
      if (account === undefined)
        throw new UsageError(`the demo has no ${login}; it has ${accounts.map((a) => a.login).join(", ")}`);
      const code = codeOf(account);
      work.answer({ login, code });
      work.say(code);
      return 0;
    },
  },
  {
    name: "demo accounts",
    summary: "Lists the demo's accounts with their passwords.",
    async run(work) {
      const accounts = await readAccounts(work.config.dataDir);
      if (accounts === null)
        throw new UsageError(`there is no demo in ${work.config.dataDir}; start one with npm run demo`);
      work.answer(accounts);
      for (const a of accounts) work.say(`${a.login}  ${a.password}  ${a.roles.join(", ")}`);
      return 0;
    },
  },
];
