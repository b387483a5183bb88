import { parseArgs } from "node:util";
import { type Console, openConsole } from "./app.ts";
import { auditVerbs } from "./cli/audit.ts";
import { demoVerbs } from "./cli/demo.ts";
import { machineVerbs } from "./cli/machine.ts";
import { memberVerbs } from "./cli/members.ts";
import { type Exit, UsageError, type Verb } from "./cli/verb.ts";
import { witnessVerbs } from "./cli/witness.ts";
import { ConfigError, loadConfig } from "./platform/config.ts";
import { createLog } from "./platform/log.ts";
import { main as serve } from "./main.ts";

const verbs: readonly Verb[] = [
  ...machineVerbs,
  ...auditVerbs,
  ...witnessVerbs,
  ...memberVerbs,
  ...demoVerbs,
];

const print = (text: string) => process.stdout.write(`${text}\n`);
const complain = (text: string) => process.stderr.write(`${text}\n`);

/** `gatehouse <noun> <verb>`: 0 done or verified, 1 a negative verdict, 2 bad usage, 3 could not tell. */
export async function main(args: readonly string[]): Promise<number> {
  if (args[0] === "serve") return await serve(args.slice(1), process.env);
  const verb = verbs.find((v) => v.name.split(" ").every((part, at) => args[at] === part));
  if (verb === undefined) {
    const asked = args.length === 0 || args[0] === "help" || args.includes("--help");
    (asked ? print : complain)(overview());
    return asked ? 0 : 2;
  }
  try {
    return await run(verb, args.slice(verb.name.split(" ").length));
  } catch (error) {
    if (error instanceof UsageError || isParseError(error)) {
      complain(`${error.message}\n\n${helpOf(verb)}`);
      return 2;
    }
    complain(
      error instanceof ConfigError ? error.message : error instanceof Error ? error.message : String(error),
    );
    return error instanceof ConfigError ? 2 : 3;
  }
}

async function run(verb: Verb, args: readonly string[]): Promise<Exit> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { ...verb.options, json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
  });
  if (values["help"] === true) {
    print(helpOf(verb));
    return 0;
  }
  const demo = verb.name.startsWith("demo ");
  const config = loadConfig(process.env, { demo, cwd: process.cwd() });
  const said: string[] = [];
  let answer: unknown;
  let open: Promise<Console> | undefined;
  try {
    const exit = await verb.run({
      config,
      // every option is declared as a string or a flag, once
      options: values as Record<string, string | boolean | undefined>,
      words: positionals,
      console: async () =>
        await (open ??= openConsole({
          config,
          log: createLog(config.logLevel === "info" ? "warn" : config.logLevel),
          use: "cli",
        })),
      say: (line) => (values["json"] === true ? void said.push(line) : void print(line)),
      answer: (value) => {
        answer = value;
      },
    });
    if (values["json"] === true)
      print(
        JSON.stringify(
          answer ?? { said },
          (_key, v: unknown) => (typeof v === "bigint" ? v.toString() : v),
          2,
        ),
      );
    return exit;
  } finally {
    await (await open)?.close();
  }
}

function overview(): string {
  const width = Math.max(...verbs.map((v) => v.name.length + (v.words?.length ?? 0) + 1));
  const lines = verbs.map((v) => `  ${`${v.name} ${v.words ?? ""}`.padEnd(width + 2)}${v.summary}`);
  return [
    "gatehouse <noun> <verb> [--json] [--help]",
    "",
    `  ${"serve".padEnd(width + 2)}Starts the console.`,
    ...lines,
  ].join("\n");
}

function helpOf(verb: Verb): string {
  const options = Object.entries(verb.options ?? {}).map(
    ([name, o]) => ` [--${name}${o.type === "string" ? " …" : ""}]`,
  );
  return `gatehouse ${verb.name}${verb.words === undefined ? "" : ` ${verb.words}`}${options.join("")} [--json]\n\n${verb.summary}`;
}

function isParseError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
}
