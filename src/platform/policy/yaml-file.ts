import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } from "yaml";
import type { z } from "zod";

/** One thing wrong with a policy file, where it stands. */
export interface FileError {
  file: string;
  line: number;
  message: string;
  /**
   * True of what another version of the program may know and this one does not: it gives nobody anything. A file that
   * comes in is refused for it; a file in force is obeyed without it.
   */
  unknownHere?: true;
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
    const offset = offsetOf(document, path);
    return offset === undefined ? firstLine : at(offset);
  };
  const cunning = cunningNodes(document);
  if (cunning.length > 0) {
    throw new PolicyFileError(cunning.map(({ offset, message }) => ({ file, line: at(offset), message })));
  }
  const parsed = schema.safeParse(document.toJS({ maxAliasCount: 0 }));
  if (!parsed.success) {
    throw new PolicyFileError(
      parsed.error.issues.flatMap((issue) => {
        const unknown = issue.code === "unrecognized_keys" ? issue.keys : [];
        return unknown.length > 0
          ? unknown.map((key) => ({
              file,
              line: line([...issue.path, key]),
              message: `unknown key ${[...issue.path, key].map(String).join(".")}`,
            }))
          : [
              {
                file,
                line: line(issue.path),
                message: `${issue.path.map(String).join(".") || "file"}: ${issue.message}`,
              },
            ];
      }),
    );
  }
  return { value: parsed.data, line };
}

/** Where the last step of a path that exists stands: the key in a map, the item in a list. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number | undefined {
  let node: unknown = document.contents;
  let offset = isNode(node) ? node.range?.[0] : undefined;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (pair === undefined) break;
      offset = isScalar(pair.key) ? pair.key.range?.[0] : offset;
      node = pair.value;
    } else if (isSeq(node) && typeof step === "number") {
      node = node.items[step];
      if (!isNode(node)) break;
      offset = node.range?.[0];
    } else break;
  }
  return offset;
}

/** What YAML can do beside holding data: names for parts, references to them, types by name. */
function cunningNodes(document: Document.Parsed): { offset: number; message: string }[] {
  const found: { offset: number; message: string }[] = [];
  visit(document, {
    Alias(_, node) {
      found.push({ offset: node.range?.[0] ?? 0, message: "anchors and aliases are not allowed" });
    },
    Value(_, node) {
      const offset = node.range?.[0] ?? 0;
      if (node.anchor !== undefined) found.push({ offset, message: "anchors and aliases are not allowed" });
      if (node.tag !== undefined) found.push({ offset, message: "tags are not allowed" });
    },
  });
  return found;
}
