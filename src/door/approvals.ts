import { sql } from "kysely";
import type { Actor } from "./actor.ts";
import type { AnyCommand, TargetOf } from "./command.ts";
import { inputBytes } from "./digest.ts";
import { uuidv7 } from "./ids.ts";
import type { Gate } from "./policy.ts";
import type { Sealer } from "./ports.ts";
import { Refusal } from "./refusal.ts";
import type { Tx } from "./tables.ts";

/** The vault's label for inputs that wait for approval. */
export const PAYLOAD_LABEL = "door.approval";
/** And for what people write about a request: free text can hold anything. */
export const REASON_LABEL = "door.reason";

/**
 * Stores what somebody asks for until enough others agree: the exact input, sealed, and its keyed digest.
 * One request may be open per operation and subject; a changed input is a new request.
 * Refuses `invalid` without a reason and `conflict` while a request is open. Source: design "access", four eyes.
 */
export async function requestApproval(
  tx: Tx,
  sealer: Sealer,
  ask: {
    command: AnyCommand;
    input: unknown;
    digest: Buffer;
    gate: Extract<Gate, { kind: "four-eyes" }>;
    actor: Actor;
    target: TargetOf;
    now: Date;
  },
): Promise<string> {
  const id = uuidv7(ask.now.getTime());
  const row = await tx
    .insertInto("door.approval_request")
    .values({
      id,
      operation: ask.command.name,
      subject_type: ask.target.type,
      subject_id: ask.target.id,
      subject_version: ask.target.version ?? null,
      payload: await sealer.seal(tx, PAYLOAD_LABEL, inputBytes(ask.command.name, ask.input)),
      payload_digest: ask.digest,
      requested_by: ask.actor.id,
      reason: await sealer.seal(tx, REASON_LABEL, Buffer.from(reasonOf(ask.input))),
      required: ask.gate.quorum,
      from_roles: [...ask.gate.from],
      created_at: ask.now,
      expires_at: new Date(ask.now.getTime() + ask.gate.minutes * 60_000),
    })
    // a literal: a prepared statement with a parameter here stops matching the partial index once its plan is generic
    .onConflict((conflict) =>
      conflict
        .columns(["operation", "subject_type", "subject_id"])
        .where(sql<boolean>`state = 'open'`)
        .doNothing(),
    )
    .returning("id")
    .executeTakeFirst();
  if (row === undefined) throw new Refusal("conflict", "approval_open");
  return id;
}

/** Opens a stored payload and checks that it is the one the digest was taken of. */
export async function approvedInput(
  tx: Tx,
  sealer: Sealer,
  request: { operation: string; payload: string; payload_digest: Buffer },
): Promise<unknown> {
  const bytes = await sealer.unseal(tx, PAYLOAD_LABEL, request.payload);
  if (!sealer.digest("door.input", bytes).equals(request.payload_digest))
    throw new Refusal("conflict", "approval_payload");
  // written by `inputBytes` as [operation, input]
  const [operation, input] = JSON.parse(bytes.toString()) as [string, unknown];
  if (operation !== request.operation) throw new Refusal("conflict", "approval_payload");
  return input;
}

/** Whoever asks two people has to tell them why: a command behind four eyes takes a `reason`. */
function reasonOf(input: unknown): string {
  if (typeof input === "object" && input !== null && "reason" in input) {
    const { reason } = input;
    if (typeof reason === "string" && reason.trim() !== "") return reason.trim();
  }
  throw new Refusal("invalid", "invalid", { issues: [{ path: "reason", code: "required" }] });
}
