import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { Refusal } from "../../door/refusal.ts";
import type { SealedCell } from "./address.ts";
import type { Executor } from "./database.ts";
import type { KeyAccess } from "./data-keys.ts";
import { SealError } from "./errors.ts";
import { openCells } from "./open-cells.ts";
import { protectAll } from "./protect.ts";
import { releaseAll } from "./release-cells.ts";
import type { Release } from "../../door/release.ts";

const SALT = 32;

/** Where a commitment stands. */
export interface CommitmentPlace {
  /** The person whose key guards salt and value. */
  owner: string;
  /** Id of the event. */
  event: string;
  /** Which value of the event: `phone.before`. */
  slot: string;
}

/** A stored personal value that an event mentions. Its subject becomes the commitment's owner. */
export interface Committable extends Omit<CommitmentPlace, "owner"> {
  cell: SealedCell;
}

/** `commit` (hex) stands in the log for ever; `detail` is an envelope that dies with its owner's key. */
export interface Commitment {
  commit: string;
  detail: string;
}

/** Salt and value of a commitment, for somebody who may check it. */
export interface CommitmentDetail {
  salt: Buffer;
  value: string;
}

/** `SHA-256(salt32 ‖ value)` in hex. With 32 random bytes of salt it tells nothing, not even of a sex or a birthday. */
export function commitmentOf(salt: Uint8Array, value: string | Uint8Array): string {
  return createHash("sha256").update(salt).update(value).digest("hex");
}

/** True when salt and value are those of the commitment. */
export function opensCommitment(commit: string, { salt, value }: CommitmentDetail): boolean {
  const [ours, theirs] = [Buffer.from(commitmentOf(salt, value), "hex"), Buffer.from(commit, "hex")];
  return salt.length === SALT && ours.length === theirs.length && timingSafeEqual(ours, theirs);
}

/**
 * Commits to stored values without letting one out, and seals salt and value of each, in the transaction of the event.
 * Null for an empty cell and for one that does not open, which has no value to commit to. Refuses restricted and shredded
 * keys: what they guard does not change.
 */
export async function commitAll(
  access: KeyAccess,
  db: Executor,
  values: readonly Committable[],
): Promise<(Commitment | null)[]> {
  const opened = await openCells(
    access,
    db,
    values.map(({ cell }) => cell),
  );
  const salted = values.flatMap(({ event, slot, cell }, at) => {
    const found = opened[at];
    if (found?.state === "sealed") throw new Refusal("frozen", "vault_key_restricted");
    if (found?.state === "shredded") throw new Refusal("not-found", "vault_key_shredded");
    if (found?.state !== "open") return [];
    const salt = randomBytes(SALT);
    return [{ at, owner: cell.subject, event, slot, salt, plain: found.plain }];
  });
  const details = await protectAll(
    access,
    db,
    salted.map(({ owner, event, slot, salt, plain }) => ({
      ...detailAddress(owner, event, slot),
      purpose: "audit-detail",
      plain: Buffer.concat([salt, plain]),
    })),
  );
  const made = values.map((): Commitment | null => null);
  for (const [n, { at, salt, plain }] of salted.entries()) {
    const detail = details[n];
    if (detail === undefined) throw new SealError();
    made[at] = { commit: commitmentOf(salt, plain), detail };
  }
  return made;
}

/** Opens the details of commitments for a release that covers them (`audit.detail`, slot, event id). */
export async function revealDetails(
  access: KeyAccess,
  db: Executor,
  release: Release,
  details: readonly (CommitmentPlace & { detail: string })[],
): Promise<CommitmentDetail[]> {
  const cells = details.map(
    ({ owner, event, slot, detail }): SealedCell => ({
      ...detailAddress(owner, event, slot),
      envelope: detail,
    }),
  );
  const opened = await releaseAll(access, db, release, cells);
  return opened.map((plain) => {
    if (plain === null || plain.length < SALT) throw new SealError();
    return { salt: plain.subarray(0, SALT), value: plain.subarray(SALT).toString("utf8") };
  });
}

function detailAddress(owner: string, event: string, slot: string) {
  return { subject: owner, table: "audit.detail", column: slot, rowId: event, type: "commitment" } as const;
}
