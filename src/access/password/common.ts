import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../platform/root.ts";

/** The common passwords of `policies/common-passwords.txt`, one a line, lower-case; lines that begin with # are notes. */
export function readCommonPasswords(): ReadonlySet<string> {
  const text = readFileSync(join(projectRoot(), "policies/common-passwords.txt"), "utf8");
  return new Set(text.split("\n").filter((line) => line !== "" && !line.startsWith("#")));
}
