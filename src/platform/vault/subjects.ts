/**
 * Why a data key exists, which decides how long it lives: erasing a member shreds `profile` and `audit-detail` (the values
 * behind the log's commitments), and restricts `trade` until the duty to keep orders ends.
 */
export const purposes = ["profile", "trade", "service", "audit-detail", "door", "staff"] as const;
export type Purpose = (typeof purposes)[number];

/** Subjects that are no person: they own the keys of data the program itself keeps sealed. UUIDs that no clock makes. */
export const systemSubjects = {
  /** Idempotent results, approval payloads, outbox bodies, drafts, uploads. */
  door: "00000000-0000-7000-8000-000000000001",
  /** Secrets of staff sign-in: TOTP seeds. */
  staff: "00000000-0000-7000-8000-000000000002",
} as const;
export type System = keyof typeof systemSubjects;

/** The system that a label such as `door.result` belongs to, by its first part. */
export function systemOf(label: string): System {
  const head = label.slice(0, label.indexOf("."));
  if (head === "door" || head === "staff") return head;
  throw new Error(`a sealing label starts with "door." or "staff.": ${label}`);
}
