import { userInfo } from "node:os";
import { compilePolicy, PolicyFileError, readShipped } from "../platform/policy/index.ts";
import { projectRoot } from "../platform/root.ts";
import { modules, vocabularyOf } from "../app.ts";
import { keyStatus } from "../system/index.ts";
import { operator, type Verb } from "./verb.ts";

export const machineVerbs: readonly Verb[] = [
  {
    name: "migrate",
    summary: "Brings the database to this program's version and stops.",
    async run(work) {
      await work.console();
      work.answer({ migrated: true });
      work.say("The database is at this program's version.");
      return 0;
    },
  },
  {
    name: "policy check",
    summary: "Checks the files in policies/ against each other and against the program.",
    async run(work) {
      try {
        const policy = compilePolicy(await readShipped(projectRoot()), vocabularyOf(modules));
        work.answer({
          ok: true,
          roles: [...policy.roles.keys()],
          documents: policy.documents.map(({ id }) => id),
        });
        work.say(`${policy.documents.length} documents and ${policy.roles.size} roles hold together.`);
        return 0;
      } catch (error) {
        if (!(error instanceof PolicyFileError)) throw error;
        work.answer({ ok: false, errors: error.errors });
        work.say(error.message);
        return 1;
      }
    },
  },
  {
    name: "keys status",
    summary: "Says where the keys are and how many data keys hang on each version.",
    async run(work) {
      const { door } = await work.console();
      const { provider, counts } = await door.ask(keyStatus, operator(), {});
      work.answer({ provider, counts });
      work.say(
        `${provider.kind} (${provider.protection}) at ${provider.location}, version ${provider.version}`,
      );
      for (const row of counts) work.say(`version ${row.version}  ${row.state}  ${row.count}`);
      return 0;
    },
  },
  {
    name: "staff invite",
    summary: "Prints a one-time link for the first administrator, while there is none.",
    options: { origin: { type: "string" } },
    async run(work) {
      const console = await work.console();
      const given = work.options["origin"];
      const { host, port, publicOrigin } = work.config;
      const origin = typeof given === "string" ? given : (publicOrigin ?? `http://${host}:${port}`);
      const link = await console.setupLink(origin, userInfo().username);
      work.answer({ link });
      work.say(link ?? "Set-up is closed: people are invited in the console.");
      return link === null ? 1 : 0;
    },
  },
];
