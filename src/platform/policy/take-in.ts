import { createHash } from "node:crypto";
import { sql } from "kysely";
import { z } from "zod";
import { command } from "../../door/command.ts";
import { Refusal } from "../../door/refusal.ts";
import { LARGEST_FILE } from "./shipped.ts";

/** One file as the command takes it: its text travels whole, so that export can give it back byte for byte. */
const File = z.strictObject({
  document: z.string().max(100),
  version: z.string().max(20),
  sha256: z.hex().length(64),
  text: z.string().max(LARGEST_FILE),
});

/**
 * Takes policy files into the database. On a first start they come into force as shipped; a changed file later is a
 * draft that waits for its review. A file that the database knows already changes nothing. Refuses a text that is not
 * the one of its digest.
 */
export const takeInPolicies = command({
  name: "policies.take_in",
  input: z.strictObject({ files: z.array(File).max(500) }),
  crud: "c",
  category: "policy",
  severity: 3,
  target: () => ({ type: "policy", id: "shipped" }),
  async run({ tx, input, record, now, newId }) {
    const other = input.files.find((file) => digestOf(file.text) !== file.sha256);
    if (other !== undefined)
      throw new Refusal("invalid", "policy_digest", { values: { document: other.document } });
    await sql`SELECT pg_advisory_xact_lock(71171, 60)`.execute(tx); // two consoles may start for the first time at once
    const held = await tx.selectFrom("policy.version").select(["document", "sha256"]).execute();
    const first = held.length === 0;
    const fresh = input.files.filter(
      (file) =>
        !held.some((row) => row.document === file.document && row.sha256.toString("hex") === file.sha256),
    );
    if (fresh.length > 0) {
      await tx
        .insertInto("policy.version")
        .values(
          fresh.map((file) => ({
            id: newId(),
            document: file.document,
            version: file.version,
            sha256: Buffer.from(file.sha256, "hex"),
            source: Buffer.from(file.text, "utf8"),
            state: first ? ("published" as const) : ("draft" as const),
            effective_from: first ? now : null,
            imported_at: now,
          })),
        )
        .execute();
    }
    for (const file of fresh) {
      record.target({ type: "policy", id: file.document, label: `${file.document} ${file.version}` });
      record.change(file.document, null, file.sha256);
    }
    record.fact("state", first ? "published" : "draft");
    return { taken: fresh.map((file) => file.document), state: first ? "published" : "draft" };
  },
});

function digestOf(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}
