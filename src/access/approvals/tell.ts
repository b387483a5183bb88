import { z } from "zod";
import { command } from "../../door/command.ts";
import { holdersOf, notify } from "../notices/notify.ts";

/** More than wait at once anywhere; the next wake-up takes the rest. */
const BATCH = 100;

/**
 * Tells those who may answer that a request waits, once: neither whoever asked nor the person it is about. For the
 * scheduler, woken by the door with every request; `notified_at` says which have been told.
 */
export const tellApprovers = command({
  name: "approvals.tell",
  input: z.strictObject({}),
  severity: 0,
  async run({ tx, access, record, now }) {
    const policy = await access.rules(tx);
    const deciding = policy.holders("approvals.decide");
    const waiting = await tx
      .selectFrom("door.approval_request")
      .select(["id", "operation", "subject_type", "subject_id", "requested_by", "from_roles"])
      .where("state", "=", "open")
      .where("notified_at", "is", null)
      .where("expires_at", ">", now)
      .orderBy("created_at")
      .limit(BATCH)
      .forUpdate()
      .skipLocked()
      .execute();
    for (const request of waiting) {
      const roles = request.from_roles.filter((role) => deciding.includes(role));
      const holders = await holdersOf(tx, roles, request.requested_by);
      const about = request.subject_type === "staff" ? request.subject_id : null;
      await notify(
        tx,
        now,
        holders.filter((id) => id !== about),
        {
          kind: "approval_waiting",
          facts: { operation: request.operation },
          href: `/approvals/${request.id}`,
        },
      );
      await tx
        .updateTable("door.approval_request")
        .set({ notified_at: now })
        .where("id", "=", request.id)
        .execute();
      record.target({ type: "approval", id: request.id });
    }
    record.fact("told", waiting.length);
  },
});
