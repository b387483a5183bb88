import { sql } from "kysely";
import { z } from "zod";
import type { Actor } from "../../door/actor.ts";
import { approvedInput } from "../../door/approvals.ts";
import { query, type QueryContext } from "../../door/command.ts";
import { Id } from "../../door/ids.ts";
import { Refusal } from "../../door/refusal.ts";
import type { Tx } from "../../door/tables.ts";
import { readable } from "../reasons.ts";
import { withSubjects } from "./subjects.ts";

export const PAGE = 50;
const Page = z.strictObject({ after: z.iso.datetime().optional() });

function requests(tx: Tx) {
  return tx
    .selectFrom("door.approval_request as r")
    .leftJoin("access.person as p", "p.id", "r.requested_by")
    .select([
      "r.id",
      "r.operation",
      "r.subject_type as subjectType",
      "r.subject_id as subjectId",
      "r.reason",
      "r.required",
      "r.state",
      "r.outcome_code as outcome",
      "r.from_roles as fromRoles",
      "r.created_at as createdAt",
      "r.expires_at as expiresAt",
      "r.closed_at as closedAt",
      "r.requested_by as requestedBy",
      "p.login as requester",
    ]);
}

type Stored = Awaited<ReturnType<ReturnType<typeof requests>["executeTakeFirstOrThrow"]>>;
export type RequestRow = Awaited<ReturnType<(typeof mine)["run"]>>[number];

/** Rows as they are shown: the reasons opened, and what they are about by the name that people know. */
async function shown<R extends Stored>(context: QueryContext<unknown>, rows: readonly R[]) {
  return await withSubjects(context, await readable(context.tx, context.vault, rows));
}

/** What waits for this person's answer: open, asked by somebody else, of a role they hold, not answered yet. */
export const inbox = query({
  name: "approvals.inbox",
  input: Page,
  async run(context) {
    const { tx, actor, input, now } = context;
    if (!actor.permissions.has("approvals.decide") || actor.roles.length === 0) return [];
    let waiting = requests(tx)
      .where("r.state", "=", "open")
      .where("r.expires_at", ">", now)
      .where("r.requested_by", "!=", actor.id)
      .where((eb) => eb("r.from_roles", "&&", eb.val([...actor.roles])))
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom("door.approval as a")
              .select("a.id")
              .whereRef("a.request_id", "=", "r.id")
              .where("a.approver", "=", actor.id),
          ),
        ),
      );
    if (input.after !== undefined) waiting = waiting.where("r.created_at", "<", new Date(input.after));
    return await shown(context, await waiting.orderBy("r.created_at", "desc").limit(PAGE).execute());
  },
});

/** What this person asked for. */
export const mine = query({
  name: "approvals.mine",
  input: Page,
  async run(context) {
    const { tx, actor, input } = context;
    let asked = requests(tx).where("r.requested_by", "=", actor.id);
    if (input.after !== undefined) asked = asked.where("r.created_at", "<", new Date(input.after));
    return await shown(context, await asked.orderBy("r.created_at", "desc").limit(PAGE).execute());
  },
});

/**
 * One request, with what will happen when it is executed now. For the requester and for those who may answer; for
 * everybody else it does not exist.
 */
export const viewRequest = query({
  name: "approvals.view",
  input: z.strictObject({ request: Id }),
  async run(context) {
    const { tx, vault, actor, input, now } = context;
    const row = await requests(tx)
      .select(["r.payload", "r.payload_digest"])
      .where("r.id", "=", input.request)
      .executeTakeFirst();
    if (row === undefined || !maySee(actor, row)) throw new Refusal("not-found", "not_found");
    const decisions = await tx
      .selectFrom("door.approval as a")
      .leftJoin("access.person as p", "p.id", "a.approver")
      .select(["a.approver", "p.login", "a.decision", "a.reason", "a.at"])
      // for the page only: what counts is asked again when somebody decides
      .select(
        sql<boolean>`p.state = 'active' AND EXISTS (
          SELECT FROM access.role_grant g WHERE g.person_id = p.id AND g.role = ANY (${row.fromRoles})
            AND g.kind <> 'eligible' AND g.revoked_at IS NULL
            AND (g.expires_at IS NULL OR g.expires_at > now()))`.as("standing"),
      )
      .where("a.request_id", "=", row.id)
      .orderBy("a.at")
      .execute();
    const { payload, payload_digest: digest, ...sealed } = row;
    const [request = { ...sealed, subject: null }] = await shown(context, [sealed]);
    const open = row.state === "open" && row.expiresAt > now;
    const answered = decisions.some((decision) => decision.approver === actor.id);
    return {
      ...request,
      digest: digest.toString("base64url"),
      decisions: await readable(tx, vault, decisions),
      preview: open ? await previewOf(context, row.operation, payload, digest) : null,
      mayDecide: open && !answered && mayAnswer(actor, row),
      // what came of it belongs to whoever asked
      resultAt:
        row.state === "executed" && row.requestedBy === actor.id
          ? (context.access.command(row.operation)?.resultAt?.(row.subjectId) ?? null)
          : null,
      mayWithdraw: open && row.requestedBy === actor.id,
    };
  },
});

export type RequestView = Awaited<ReturnType<(typeof viewRequest)["run"]>>;

function maySee(actor: Actor, row: Stored): boolean {
  return row.requestedBy === actor.id || row.fromRoles.some((role) => actor.roles.includes(role));
}

function mayAnswer(actor: Actor, row: Stored): boolean {
  const isSubject = row.subjectType === "staff" && row.subjectId === actor.id;
  return (
    row.requestedBy !== actor.id &&
    !isSubject &&
    actor.breakGlass === null &&
    actor.permissions.has("approvals.decide") &&
    row.fromRoles.some((role) => actor.roles.includes(role))
  );
}

/** What the operation itself says will happen: counts and names that are no personal data. Empty when it says nothing. */
async function previewOf(
  context: QueryContext<unknown>,
  operation: string,
  payload: string,
  digest: Buffer,
): Promise<Record<string, string | number | boolean | null>> {
  const { tx, vault, access } = context;
  const command = access.command(operation);
  if (command?.preview === undefined) return {};
  const opened = await approvedInput(tx, vault, { operation, payload, payload_digest: digest });
  const parsed = command.input.safeParse(opened);
  if (!parsed.success) return {};
  return await command.preview({ ...context, input: parsed.data });
}
