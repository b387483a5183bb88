import { z } from "zod";
import { query } from "../../door/command.ts";

/** The versions that the database holds of each policy file, the one in force marked. */
export const listPolicies = query({
  name: "policies.list",
  input: z.strictObject({}),
  async run({ tx }) {
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
    return versions.map((row) => ({
      ...row,
      sha256: row.sha256.toString("hex"),
      inForce: current.has(row.id),
    }));
  },
});

export type PolicyRow = Awaited<ReturnType<typeof listPolicies.run>>[number];
