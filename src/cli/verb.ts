import { userInfo } from "node:os";
import type { ParseArgsConfig } from "node:util";
import type { Console } from "../app.ts";
import type { Credential } from "../door/actor.ts";
import type { Config } from "../platform/config.ts";

/** Exit codes of every verb: done or verified, a negative verdict, bad usage, could not tell. */
export type Exit = 0 | 1 | 2 | 3;

/** Wrong words on the command line. The message says what is wanted. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What a verb may use of a console: the door. The command line is no second way into the database. */
export type Operated = Pick<Console, "door" | "setupLink">;

export interface Work {
  config: Config;
  /** Options by name, as declared. */
  options: Readonly<Record<string, string | boolean | undefined>>;
  /** Words that are no options, in their order. */
  words: readonly string[];
  /** Opens the console on the data directory; it is closed when the verb ends. */
  console(): Promise<Operated>;
  /** Prints for a person. */
  say(line: string): void;
  /** The answer for `--json`; printed instead of what was said. */
  answer(value: unknown): void;
}

/** One thing that the command line can do. */
export interface Verb {
  /** `audit verify` */
  name: string;
  /** What follows the name: `LOGIN`, `FILE`. */
  words?: string;
  summary: string;
  options?: NonNullable<ParseArgsConfig["options"]>;
  run(work: Work): Promise<Exit>;
}

/** Whoever works on the command line: the fixed role, under the name that the operating system knows them by. */
export function operator(): Credential {
  return { type: "operator", osUser: userInfo().username };
}

/** The word at a place; refuses when it is missing. */
export function word(work: Work, at: number, what: string): string {
  const found = work.words[at];
  if (found === undefined) throw new UsageError(`${what} is missing`);
  return found;
}
