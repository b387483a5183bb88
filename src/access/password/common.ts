import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../platform/root.ts";

/** What no new password may be, or be mostly made of. */
export interface Blocklist {
  common: ReadonlySet<string>;
  words: readonly string[];
}

/** Both lists, as data that a security officer can read and add to. */
export function readBlocklist(): Blocklist {
  return { common: readCommonPasswords(), words: readContextWords() };
}

/** The common passwords of `policies/common-passwords.txt`. */
export function readCommonPasswords(): ReadonlySet<string> {
  return new Set(linesOf("common-passwords.txt"));
}

/** House, trade and role words of `policies/context-words.txt` (ASVS 6.1.2). */
export function readContextWords(): readonly string[] {
  return linesOf("context-words.txt");
}

/** One entry a line, lower-case; lines that begin with # are notes. */
function linesOf(name: string): string[] {
  const text = readFileSync(join(projectRoot(), "policies", name), "utf8");
  return text.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("#"));
}
