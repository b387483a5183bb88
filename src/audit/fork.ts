import { z } from "zod";
import { REASON_LABEL } from "../door/approvals.ts";
import { command } from "../door/command.ts";
import { uuidv7 } from "../door/ids.ts";
import { Refusal } from "../door/refusal.ts";
import { ForkFacts } from "../platform/audit/signer.ts";

/**
 * Lets a log that is not the one that was signed go on under a new name, which the event and the table tie to its
 * predecessor. Four eyes; the one command that is possible while the console is read-only. Refuses `conflict` when
 * there is no fork, or another one than the person saw, or when it is decided. Source: design "audit", "Restore shrinks a log".
 */
export const decideFork = command({
  name: "audit.decide_fork",
  gateAtLeast: "four-eyes",
  crud: "x",
  severity: 5,
  whileFrozen: true,
  input: z.strictObject({
    origin: z.string().max(200),
    signed: z.coerce.number().int().min(0),
    reason: z.string().trim().min(20).max(2000),
  }),
  target: ({ origin }) => ({ type: "audit-log", id: origin }),
  preview: async ({ input }) => ({ origin: input.origin, signed: input.signed }),
  async run({ tx, vault, input, record, now }) {
    const { forked } = await tx.selectFrom("audit.head").select("forked").executeTakeFirstOrThrow();
    const fork = ForkFacts.safeParse(forked);
    if (!fork.success || fork.data.origin !== input.origin || fork.data.signed.size !== input.signed)
      throw new Refusal("conflict", "no_such_fork");
    const { origin, signed, tree, successor, kind } = fork.data;
    const { numInsertedOrUpdatedRows } = await tx
      .insertInto("audit.fork")
      .values({
        id: uuidv7(now.getTime()),
        old_origin: origin,
        old_size: signed.size,
        old_root: signed.root,
        tree_size: tree.size,
        new_origin: successor,
        reason: await vault.seal(tx, REASON_LABEL, Buffer.from(input.reason)),
        decided_at: now,
      })
      // decided already, and the signer has not looked yet
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows !== 1n) throw new Refusal("conflict", "no_such_fork");
    record.change("origin", origin, successor);
    record.fact("kind", kind);
    record.fact("signed_size", signed.size);
    record.fact("signed_root", signed.root);
    record.fact("tree_size", tree.size);
    return { successor };
  },
});
