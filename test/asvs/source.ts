import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../src/platform/root.ts";

interface Source {
  path: string;
  text: string;
}

/** Our own source and views, without their comments: a rule is about what runs. */
export const sources: readonly Source[] = ["src", "views"].flatMap((folder) =>
  readdirSync(join(projectRoot(), folder), { recursive: true, encoding: "utf8" })
    .filter((path) => /\.tsx?$/.test(path) || path === join("assets", "app.js"))
    .map((path) => ({
      path: `${folder}/${path}`,
      text: withoutComments(readFileSync(join(projectRoot(), folder, path), "utf8")),
    })),
);

/** The files in which a pattern occurs. */
export function filesWith(pattern: RegExp): string[] {
  return sources.filter(({ text }) => pattern.test(text)).map(({ path }) => path);
}

/** Every occurrence of a pattern, with its file. */
export function occurrences(pattern: RegExp): string[] {
  return sources.flatMap(({ path, text }) =>
    [...text.matchAll(pattern)].map(([found]) => `${path}: ${found.replaceAll(/\s+/g, " ")}`),
  );
}

function withoutComments(text: string): string {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/^\s*\/\/.*$/gm, "")
    .replaceAll(/\s\/\/ .*$/gm, "");
}
