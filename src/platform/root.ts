import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * The directory of the program: the nearest one above this file that holds `package.json`. The same from `src/`
 * and from the compiled `dist/`.
 */
export function projectRoot(): string {
  for (let at = import.meta.dirname; ; at = dirname(at)) {
    if (existsSync(join(at, "package.json"))) return at;
    if (dirname(at) === at) throw new Error("The program's package.json was not found above its files.");
  }
}
