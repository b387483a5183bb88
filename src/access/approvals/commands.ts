import { z } from "zod";
import type { Actor } from "../../door/actor.ts";
import { approvedInput } from "../../door/approvals.ts";
import { command, type RunContext } from "../../door/command.ts";
import { Id } from "../../door/ids.ts";
import { Refusal } from "../../door/refusal.ts";
import { carryOut } from "./execute.ts";
import { notify } from "../notices/notify.ts";
import { sealReason } from "../reasons.ts";
import { together } from "../../platform/together.ts";

/**
 * Agrees to what somebody asked for, or says no. One transaction: lock the request, look again at its state, its time,
 * its payload, the duties, and at everybody's rights; with the last agreement, do it. A no closes the request, and so
 * does finding that it cannot be done any more.
 */
export const decide = command({
  name: "approvals.decide",
  gateAtLeast: "step-up",
  whileFrozen: true,
  // by the schema, which is asked before the gate: a proof is not used up for an answer that cannot count
  input: together(
    z
      .strictObject({
        request: Id,
        decision: z.enum(["approve", "deny"]),
        /** Digest of the payload that the page showed: what is agreed to is what was read. */
        digest: z.string().regex(/^[\w-]{43}$/),
        reason: z.string().trim().max(500).optional(),
      })
      .refine(({ decision, reason }) => decision === "approve" || (reason ?? "") !== "", {
        path: ["reason"],
        params: { code: "required" },
      }),
    "deny gives a reason",
  ),
  target: ({ request }) => ({ type: "approval", id: request }),
  severity: 2,
  async run(context) {
    const { input, record } = context;
    const request = await lockRequest(context);
    record.correlate({ approval: request.id });
    record.fact("operation", request.operation);
    keepApart(context.actor, request);
    if (!request.payload_digest.equals(Buffer.from(input.digest, "base64url")))
      throw new Refusal("conflict", "approval_payload");
    await addDecision(context, request);
    record.change("decision", null, input.decision);
    if (input.decision === "deny") {
      await close(context, request, "denied");
      return { state: "denied" as const };
    }
    if ((await standingApprovals(context, request)) < request.required) return { state: "open" as const };
    const payload = await approvedInput(context.tx, context.vault, request);
    const failed = await carryOut(context, request, payload);
    if (failed === null) {
      await close(context, request, "executed");
      return { state: "executed" as const };
    }
    record.fact("failed", failed);
    await close(context, request, "failed", failed);
    return { state: "failed" as const };
  },
});

/** The requester takes the request back. */
export const withdraw = command({
  name: "approvals.withdraw",
  whileFrozen: true,
  input: z.strictObject({ request: Id }),
  target: ({ request }) => ({ type: "approval", id: request }),
  async run(context) {
    const request = await lockRequest(context);
    if (request.requested_by !== context.actor.id) throw new Refusal("not-found", "not_found");
    context.record.fact("operation", request.operation);
    await close(context, request, "withdrawn");
  },
});

/** Closes what nobody answered in time. For the scheduler. */
export const expire = command({
  name: "approvals.expire",
  input: z.strictObject({}),
  async run({ tx, record, now }) {
    const expired = await tx
      .updateTable("door.approval_request")
      .set({ state: "expired", closed_at: now })
      .where("state", "=", "open")
      .where("expires_at", "<=", now)
      .returning("id")
      .execute();
    record.fact("expired", expired.length);
    for (const { id } of expired.slice(0, 50)) record.target({ type: "approval", id });
  },
});

type Within = Pick<RunContext<{ request: string }>, "tx" | "input" | "now">;
export type Request = Awaited<ReturnType<typeof lockRequest>>;

async function lockRequest({ tx, input, now }: Within) {
  const request = await tx
    .selectFrom("door.approval_request")
    .selectAll()
    .where("id", "=", input.request)
    .forUpdate()
    .executeTakeFirst();
  if (request === undefined) throw new Refusal("not-found", "not_found");
  if (request.state !== "open") throw new Refusal("conflict", "approval_closed");
  if (request.expires_at <= now) throw new Refusal("conflict", "approval_expired");
  return request;
}

/** Neither the requester nor the subject agrees, and only holders of the roles that the gate named. */
function keepApart(actor: Actor, request: Request): void {
  if (request.requested_by === actor.id) throw new Refusal("denied", "own_request");
  if (request.subject_type === "staff" && request.subject_id === actor.id)
    throw new Refusal("denied", "own_request");
  if (!mayApprove(actor, request)) throw new Refusal("denied", "not_an_approver");
}

function mayApprove(actor: Actor, request: Request): boolean {
  const holds = request.from_roles.some((role) => actor.roles.includes(role));
  // break-glass never touches requests
  return holds && actor.permissions.has("approvals.decide") && actor.breakGlass === null;
}

async function addDecision(
  {
    tx,
    actor,
    input,
    vault,
    now,
    newId,
  }: RunContext<{ decision: "approve" | "deny"; reason?: string | undefined }>,
  request: Request,
): Promise<void> {
  const added = await tx
    .insertInto("door.approval")
    .values({
      id: newId(),
      request_id: request.id,
      requested_by: request.requested_by,
      approver: actor.id,
      decision: input.decision,
      payload_digest: request.payload_digest,
      session: actor.assurance?.session ?? "",
      reason: input.reason === undefined ? null : await sealReason(tx, vault, input.reason),
      at: now,
    })
    .onConflict((c) => c.columns(["request_id", "approver"]).doNothing())
    .executeTakeFirst();
  if (added.numInsertedOrUpdatedRows !== 1n) throw new Refusal("conflict", "approval_given");
}

/**
 * How many agree who may, the actor's own agreement among them. Whoever has left since, or lost the right, does not
 * count: somebody else agrees in their place, and nobody is kept from it.
 */
async function standingApprovals(
  { tx, access, actor }: Pick<RunContext<unknown>, "tx" | "access" | "actor">,
  request: Request,
): Promise<number> {
  const rows = await tx
    .selectFrom("door.approval")
    .select("approver")
    .where("request_id", "=", request.id)
    .where("decision", "=", "approve")
    .orderBy("approver")
    .execute();
  let standing = 0;
  for (const { approver } of rows) {
    const agreed = approver === actor.id ? actor : await personIfThere(access, tx, approver);
    if (agreed !== null && mayApprove(agreed, request)) standing += 1;
  }
  return standing;
}

async function personIfThere(
  access: RunContext<unknown>["access"],
  tx: RunContext<unknown>["tx"],
  id: string,
): Promise<Actor | null> {
  try {
    return await access.person(tx, id);
  } catch (error) {
    if (error instanceof Refusal && error.kind === "denied") return null;
    throw error;
  }
}

async function close(
  { tx, actor, now }: Pick<RunContext<unknown>, "tx" | "actor" | "now">,
  request: Request,
  state: "executed" | "denied" | "withdrawn" | "failed",
  outcome: string | null = null,
): Promise<void> {
  await tx
    .updateTable("door.approval_request")
    .set({ state, outcome_code: outcome, closed_at: now, version: request.version + 1 })
    .where("id", "=", request.id)
    .execute();
  if (state === "withdrawn") return;
  await notify(tx, now, [request.requested_by], {
    kind: `approval_${state}`,
    facts: { operation: request.operation, login: actor.display },
    href: `/approvals/${request.id}`,
  });
}
