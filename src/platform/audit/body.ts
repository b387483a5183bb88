import { createHash } from "node:crypto";
import type { AuditBody, StagedEvent } from "../../door/event.ts";
import { canonicalJson, type CanonicalValue } from "./canonical.ts";
import { Malformed } from "./gatehouse-verify.ts";
import { MAX_BODY_BYTES } from "./tiles.ts";

/** The bytes of an event, and the detail that did not fit into them. */
export interface Written {
  readonly body: Buffer;
  readonly overflow?: { readonly sha256: Buffer; readonly detail: Buffer };
}

/**
 * The exact bytes of an event: numbered, canonical, at most 65,535. What is longer leaves its changes, facts and
 * further targets in a side table and names their hash. Refuses values that canonical JSON has no place for.
 */
export function writeBody(event: StagedEvent, writer: AuditBody["writer"]): Written {
  const body = bytesOf({ ...event, writer });
  if (body.length <= MAX_BODY_BYTES) return { body };
  const sha256 = createHash("sha256").update(body).digest();
  const { change, facts: _facts, fields, target, ...rest } = event;
  const short = {
    ...rest,
    writer,
    target: target.slice(0, 50),
    fields: (fields ?? change?.map(({ field }) => field) ?? []).slice(0, 200).map((f) => f.slice(0, 100)),
    facts: { detail_sha256: sha256.toString("hex"), detail_bytes: body.length },
  };
  return { body: bytesOf(short), overflow: { sha256, detail: body } };
}

function bytesOf(event: AuditBody): Buffer {
  // PostgreSQL's JSON has no NUL, and an event that its index cannot read is worse than one with a mark in its place.
  const json = canonicalJson(plain(event));
  return Buffer.from(json.includes("\\u0000") ? canonicalJson(withoutNul(plain(event))) : json);
}

/** Leaves out keys whose value is undefined; canonical JSON would refuse them. */
function plain(value: unknown): CanonicalValue {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean" || value === null)
    return value;
  if (typeof value !== "object")
    throw new Malformed(`an event has no place for a value of type ${typeof value}`);
  const members: Record<string, CanonicalValue> = {};
  for (const [key, member] of Object.entries(value)) if (member !== undefined) members[key] = plain(member);
  return members;
}

function withoutNul(value: CanonicalValue): CanonicalValue {
  if (typeof value === "string") return value.replaceAll("\u0000", "\u2400");
  if (Array.isArray(value)) return value.map(withoutNul);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withoutNul(member)]));
}
