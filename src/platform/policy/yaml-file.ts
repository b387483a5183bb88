import { isNode, LineCounter, type Node, parseDocument } from "yaml";
import type { z } from "zod";

/** One thing wrong with a policy file, where it stands. */
export interface FileError {
  file: string;
  line: number;
  message: string;
}

/** A policy file that cannot be obeyed. It never stops the console: what was in force stays in force. */
export class PolicyFileError extends Error {
  readonly errors: readonly FileError[];

  constructor(errors: readonly FileError[]) {
    super(errors.map((e) => `${e.file}:${e.line}: ${e.message}`).join("\n"));
    this.name = "PolicyFileError";
    this.errors = errors;
  }
}

/** A parsed file and a way back from a path in it to its line. */
export interface YamlFile<T> {
  value: T;
  line(path: readonly PropertyKey[]): number;
}

/**
 * Reads YAML as data and nothing else: no tags of its own, no aliases (which can explode), no key twice, and exactly
 * the keys of the schema. Throws a `PolicyFileError` that names every error with its line.
 */
export function readYaml<S extends z.ZodType>(
  file: string,
  text: string,
  schema: S,
  firstLine = 1,
): YamlFile<z.output<S>> {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: true,
    strict: true,
    version: "1.2",
    schema: "core",
  });
  const at = (offset: number) => lines.linePos(offset).line + firstLine - 1;
  const syntax = [...document.errors, ...document.warnings];
  if (syntax.length > 0) {
    throw new PolicyFileError(
      syntax.map((e) => ({ file, line: at(e.pos[0]), message: e.message.split("\n")[0] ?? e.code })),
    );
  }
  const line = (path: readonly PropertyKey[]): number => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node: Node | unknown =
        length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return at(node.range[0]);
    }
    return firstLine;
  };
  let raw: unknown;
  try {
    raw = document.toJS({ maxAliasCount: 0 });
  } catch {
    throw new PolicyFileError([{ file, line: firstLine, message: "anchors and aliases are not allowed" }]);
  }
  const parsed = schema.safeParse(raw);
  if (!parsed.success) {
    throw new PolicyFileError(
      parsed.error.issues.map((issue) => ({
        file,
        line: line(issue.code === "unrecognized_keys" ? [...issue.path, issue.keys[0] ?? ""] : issue.path),
        message: `${issue.path.map(String).join(".") || "file"}: ${issue.message}`,
      })),
    );
  }
  return { value: parsed.data, line };
}
