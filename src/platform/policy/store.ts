import { sql } from "kysely";
import type { Tx } from "../../door/tables.ts";
import { compileInForce, compilePolicy, type CompiledPolicy, type Vocabulary } from "./compile.ts";
import type { Shipped } from "./shipped.ts";
import { type FileError, PolicyFileError } from "./yaml-file.ts";

/** Sets of versions kept compiled: one is in force, and a few tests and takeovers around a change. */
const KEPT = 8;

/** The policy in force by database time; one short question each time, and the files only when the answer is new. */
export type PolicyInForce = (tx: Tx) => Promise<CompiledPolicy>;

/**
 * Where the door reads its rules. `shipped` stands in until the first start has taken the files in, which refuses to
 * start with a bad one. Later a bad file on the disk changes nothing: what is in force is what the database holds.
 */
export function policyInForce(shipped: Shipped, vocabulary: Vocabulary): PolicyInForce {
  let first: CompiledPolicy | undefined;
  const compiled = new Map<string, Promise<CompiledPolicy>>();
  return async (tx) => {
    const ids = (await tx.selectFrom("policy.in_force").select("id").orderBy("document").execute()).map(
      (row) => row.id ?? "",
    );
    if (ids.length === 0) return (first ??= compileShipped(shipped, vocabulary));
    const key = ids.join();
    const known = compiled.get(key);
    if (known !== undefined) return await known;
    const loading = load(tx, ids, shipped, vocabulary);
    compiled.set(key, loading);
    loading.catch(() => compiled.delete(key));
    if (compiled.size > KEPT) compiled.delete(compiled.keys().next().value ?? "");
    return await loading;
  };
}

/** What is wrong with the files on the disk; nothing when they could come into force as they are. */
export function shippedErrors(shipped: Shipped, vocabulary: Vocabulary): readonly FileError[] {
  try {
    compileShipped(shipped, vocabulary);
    return [];
  } catch (error) {
    if (!(error instanceof PolicyFileError)) throw error;
    return error.errors;
  }
}

/** Every error of every file at once: those that cannot be read, and those that do not hold together. */
function compileShipped(shipped: Shipped, vocabulary: Vocabulary): CompiledPolicy {
  try {
    const policy = compilePolicy(shipped.files, vocabulary);
    if (shipped.errors.length === 0) return policy;
  } catch (error) {
    if (!(error instanceof PolicyFileError)) throw error;
    throw new PolicyFileError([...shipped.errors, ...error.errors]);
  }
  throw new PolicyFileError(shipped.errors);
}

async function load(
  tx: Tx,
  ids: readonly string[],
  shipped: Shipped,
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
  return compileInForce(sources, shipped.files, vocabulary);
}
