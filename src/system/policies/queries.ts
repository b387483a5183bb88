import { z } from "zod";
import { query } from "../../door/command.ts";
import type { Tx } from "../../door/tables.ts";
import { type FileError, PolicyFileError, readDocument } from "../../platform/policy/index.ts";

declare module "../../door/command.ts" {
  interface Services {
    /** What was wrong with the files in `policies/` when this process started. */
    policyFiles: { readonly errors: readonly FileError[] };
  }
}

/**
 * The versions that the database holds of each policy file, the one in force marked, and what is wrong with the files
 * on the disk. With a document named, its text in force as well: whoever may list may read.
 */
export const listPolicies = query({
  name: "policies.list",
  input: z.strictObject({ document: z.string().max(100).optional() }),
  async run({ tx, policyFiles, input }) {
    const [versions, inForce] = await Promise.all([
      tx
        .selectFrom("policy.version")
        .select(["id", "document", "version", "sha256", "state", "effective_from", "imported_at"])
        .orderBy("document")
        .orderBy("imported_at", "desc")
        .execute(),
      tx.selectFrom("policy.in_force").select("id").execute(),
    ]);
    const current = new Set(inForce.map((row) => row.id));
    return {
      versions: versions.map((row) => ({
        ...row,
        sha256: row.sha256.toString("hex"),
        inForce: current.has(row.id),
      })),
      errors: policyFiles.errors,
      text: input.document === undefined ? null : await inForceText(tx, input.document),
    };
  },
});

export type PolicyList = Awaited<ReturnType<typeof listPolicies.run>>;
export type PolicyRow = PolicyList["versions"][number];
export type PolicyText = NonNullable<PolicyList["text"]>;

/** The version of a document that is in force, byte for byte, and the numbers in it; null when there is none. */
async function inForceText(tx: Tx, document: string) {
  const row = await tx
    .selectFrom("policy.in_force as now")
    .innerJoin("policy.version as held", "held.id", "now.id")
    .select(["held.document", "held.version", "held.sha256", "held.effective_from", "held.source"])
    .where("held.document", "=", document)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { source, sha256, ...version } = row;
  const text = source.toString("utf8");
  return { ...version, sha256: sha256.toString("hex"), text, ...headOf(document, text) };
}

/** What the head of a document says; nothing for the file of rights, which has no parameters, or an unreadable one. */
function headOf(document: string, text: string) {
  try {
    const { title, parameters } = readDocument(document, text).value;
    return { title, parameters: Object.entries(parameters) };
  } catch (error) {
    if (!(error instanceof PolicyFileError)) throw error;
    return { title: null, parameters: [] };
  }
}
