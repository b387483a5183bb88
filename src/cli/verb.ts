import type { ParseArgsConfig } from "node:util";
import type { Console } from "../app.ts";
import type { Config } from "../platform/config.ts";

/** Exit codes of every verb: done or verified, a negative verdict, bad usage, could not tell. */
export type Exit = 0 | 1 | 2 | 3;

/** Wrong words on the command line. The message says what is wanted. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export interface Work {
  config: Config;
  /** Options by name, as declared. */
  options: Readonly<Record<string, string | boolean | undefined>>;
  /** Words that are no options, in their order. */
  words: readonly string[];
  /** Opens the console on the data directory; it is closed when the verb ends. */
  console(): Promise<Console>;
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

/** The word at a place; refuses when it is missing. */
export function word(work: Work, at: number, what: string): string {
  const found = work.words[at];
  if (found === undefined) throw new UsageError(`${what} is missing`);
  return found;
}
