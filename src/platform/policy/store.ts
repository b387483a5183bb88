import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { sql } from "kysely";
import type { Tx } from "../../door/tables.ts";
import { type CompiledPolicy, compilePolicy, type PolicySource, type Vocabulary } from "./compile.ts";

/** A policy file as it lies in `policies/`. */
export interface ShippedFile extends PolicySource {
  version: string;
  sha256: Buffer;
}

/** Reads the shipped files: `access.yaml` and `documents/*.md`, in a stable order. */
export async function readShipped(root: string): Promise<ShippedFile[]> {
  const documents = (await readdir(join(root, "policies/documents")))
    .filter((name) => name.endsWith(".md"))
    .sort();
  const paths = ["access.yaml", ...documents.map((name) => `documents/${name}`)];
  return await Promise.all(
    paths.map(async (path) => {
      const bytes = await readFile(join(root, "policies", path));
      const text = bytes.toString("utf8");
      return {
        document: basename(path).replace(/\.(yaml|md)$/, ""),
        file: `policies/${path}`,
        text,
        version: /^version: *(\S+)/m.exec(text)?.[1] ?? "0.0.0",
        sha256: createHash("sha256").update(bytes).digest(),
      };
    }),
  );
}

/** The policy in force by database time; one short question each time, and the files only when the answer is new. */
export type PolicyInForce = (tx: Tx) => Promise<CompiledPolicy>;

/**
 * Where the door reads its rules. `shipped` stands in until the first start has taken the files in, and gives the
 * value of a parameter that a newer program needs and no version in force has yet.
 */
export function policyInForce(shipped: readonly ShippedFile[], vocabulary: Vocabulary): PolicyInForce {
  const fallback = compilePolicy(shipped, vocabulary);
  const compiled = new Map<string, Promise<CompiledPolicy>>();
  return async (tx) => {
    const ids = (await tx.selectFrom("policy.in_force").select("id").orderBy("document").execute()).map(
      (row) => row.id ?? "",
    );
    if (ids.length === 0) return fallback;
    const key = ids.join();
    const known = compiled.get(key);
    if (known !== undefined) return await known;
    const loading = load(tx, ids, shipped, vocabulary);
    compiled.set(key, loading);
    loading.catch(() => compiled.delete(key));
    if (compiled.size > 8) compiled.delete(compiled.keys().next().value ?? "");
    return await loading;
  };
}

async function load(
  tx: Tx,
  ids: readonly string[],
  shipped: readonly ShippedFile[],
  vocabulary: Vocabulary,
): Promise<CompiledPolicy> {
  const rows = await tx
    .selectFrom("policy.version")
    .select(["document", "source"])
    .where(sql<boolean>`id = ANY(${[...ids]}::uuid[])`)
    .execute();
  const sources = rows.map((row) => ({
    document: row.document,
    file: row.document === "access" ? "policies/access.yaml" : `policies/documents/${row.document}.md`,
    text: row.source.toString("utf8"),
  }));
  const held = new Set(sources.map((s) => s.document));
  return compilePolicy([...sources, ...shipped.filter((s) => !held.has(s.document))], vocabulary);
}
