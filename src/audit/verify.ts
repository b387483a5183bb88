import { z } from "zod";
import { query } from "../door/command.ts";
import { parsePolicy } from "../platform/audit/policy.ts";
import { verifyDatabase } from "../platform/audit/verify-database.ts";
import { witnessQuorum } from "./params.ts";
import { signedOrigins } from "./status.ts";

/**
 * Reads the whole log now and compares it with what was signed; integrity and completeness apart. What was found is in
 * the log as well. Trusts what this installation itself trusts: its own key under every name it has signed under, and
 * as many of its witnesses as POL-AUDIT asks for, unless `quorum` says otherwise. An auditor brings a policy of their
 * own, and `gatehouse-verify`.
 */
export const verifyLog = query({
  name: "audit.verify",
  input: z.strictObject({ quorum: z.int().min(0).max(20).optional() }),
  async run({ tx, audit, params, input: { quorum = params(witnessQuorum) } }) {
    await audit.settle();
    const policy = audit.trustPolicy(await signedOrigins(tx), quorum);
    return await verifyDatabase(tx, parsePolicy(Buffer.from(policy)));
  },
  logged: (_input, { size, integrity, completeness }) => ({
    target: [{ type: "audit-log", id: "log" }],
    facts: {
      size,
      integrity: integrity.verdict,
      completeness: completeness.verdict,
      ...(integrity.firstBad === undefined ? {} : { first_bad: integrity.firstBad }),
    },
  }),
});
