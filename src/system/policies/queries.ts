import { z } from "zod";
import { query } from "../../door/command.ts";
import type { FileError } from "../../platform/policy/index.ts";

declare module "../../door/command.ts" {
  interface Services {
    /** What was wrong with the files in `policies/` when this process started. */
    policyFiles: { readonly errors: readonly FileError[] };
  }
}

/**
 * The versions that the database holds of each policy file, the one in force marked, and what is wrong with the files
 * on the disk.
 */
export const listPolicies = query({
  name: "policies.list",
  input: z.strictObject({}),
  async run({ tx, policyFiles }) {
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
    };
  },
});

export type PolicyList = Awaited<ReturnType<typeof listPolicies.run>>;
export type PolicyRow = PolicyList["versions"][number];
