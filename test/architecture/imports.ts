import { readdir, readFile } from "node:fs/promises";
import { join, posix, relative, sep } from "node:path";

/** One arrow: a file uses something. */
export interface Import {
  /** The file that imports, from the root of the project, with forward slashes. */
  readonly from: string;
  /** The file imported, in the same way, or the name of a package. */
  readonly to: string;
  /** Gone after compilation: `import type …`. */
  readonly typeOnly: boolean;
  /** The names taken, without renaming; empty for `import "…"`, `import * as` and `import()`. */
  readonly names: readonly string[];
}

/** Reads the imports of every TypeScript file below the given directories. */
export async function readImports(root: string, directories: readonly string[]): Promise<Import[]> {
  const found = await Promise.all(
    directories.map(async (directory) => {
      const files = await readdir(join(root, directory), { recursive: true });
      return files.filter((file) => /\.tsx?$/.test(file)).map((file) => join(root, directory, file));
    }),
  );
  const lists = await Promise.all(
    found
      .flat()
      .map(async (file) =>
        importsOf(relative(root, file).split(sep).join("/"), await readFile(file, "utf8")),
      ),
  );
  return lists.flat();
}

const STATIC = /^(?:import|export)\s+(type\s+)?([^;"'`]*?)\s*from\s+["']([^"']+)["']/gm;
const BARE = /^import\s+["']([^"']+)["']/gm;
const DYNAMIC = /\bimport\(\s*["']([^"']+)["']\s*\)/g;

/** The imports and re-exports of one file. `import("…")` in a type position counts as a use, to be safe. */
export function importsOf(file: string, source: string): Import[] {
  const to = (specifier: string) =>
    specifier.startsWith(".") ? posix.join(posix.dirname(file), specifier) : specifier;
  const statics = [...source.matchAll(STATIC)].map(([, type, clause = "", specifier = ""]) => {
    const names = namesOf(clause);
    const allTypes = names.length > 0 && names.every(({ type }) => type) && /^\s*\{/.test(clause);
    return {
      from: file,
      to: to(specifier),
      typeOnly: type !== undefined || allTypes,
      names: names.map(({ name }) => name),
    };
  });
  const others = [...source.matchAll(BARE), ...source.matchAll(DYNAMIC)].map(([, specifier = ""]) => ({
    from: file,
    to: to(specifier),
    typeOnly: false,
    names: [],
  }));
  return [...statics, ...others];
}

function namesOf(clause: string): { name: string; type: boolean }[] {
  const braces = /\{([^}]*)\}/.exec(clause)?.[1] ?? "";
  return braces
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((part) => ({
      name: part.replace(/^type\s+/, "").replace(/\s+as\s+\S+$/, ""),
      type: part.startsWith("type "),
    }));
}
