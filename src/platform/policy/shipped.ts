import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { PolicySource } from "./compile.ts";
import { type FileError, PolicyFileError } from "./yaml-file.ts";

/** A policy file as it lies in `policies/`. */
export interface ShippedFile extends PolicySource {
  version: string;
  sha256: Buffer;
}

/** What lies in `policies/`: the files that can be read, and what is wrong with the others. */
export interface Shipped {
  files: readonly ShippedFile[];
  errors: readonly FileError[];
}

/** Bytes of one file: a policy is read by people. */
export const LARGEST_FILE = 1_000_000;

/** Reads the shipped files. Refuses, with its name, a file that is missing, too large or no text. */
export async function readShipped(root: string): Promise<readonly ShippedFile[]> {
  const { files, errors } = await findShipped(root);
  if (errors.length > 0) throw new PolicyFileError(errors);
  return files;
}

/** Looks at `access.yaml` and `documents/*.md`, in a stable order. */
export async function findShipped(root: string): Promise<Shipped> {
  const documents = await readdir(join(root, "policies/documents")).catch(() => []);
  const names = documents.filter((name) => name.endsWith(".md")).sort();
  const read = await Promise.all(
    ["access.yaml", ...names.map((name) => `documents/${name}`)].map(
      async (path) => await readOne(root, path),
    ),
  );
  return {
    files: read.filter((file) => "text" in file),
    errors: read.filter((file) => "message" in file),
  };
}

async function readOne(root: string, path: string): Promise<ShippedFile | FileError> {
  const file = `policies/${path}`;
  const wrong = (message: string): FileError => ({ file, line: 1, message });
  let bytes: Buffer;
  try {
    bytes = await readFile(join(root, file));
  } catch {
    return wrong("cannot be read");
  }
  if (bytes.length > LARGEST_FILE) return wrong(`is larger than ${LARGEST_FILE} bytes`);
  const text = bytes.toString("utf8");
  // what the database keeps as text has to come back as the same bytes
  if (!Buffer.from(text, "utf8").equals(bytes)) return wrong("is not UTF-8");
  return {
    document: basename(path)
      .replace(/\.(yaml|md)$/, "")
      .slice(0, 100),
    file,
    text,
    version: /^version: *["']?(\d+\.\d+\.\d+)/m.exec(text)?.[1]?.slice(0, 20) ?? "0.0.0",
    sha256: createHash("sha256").update(bytes).digest(),
  };
}
