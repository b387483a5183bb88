import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { SealedCell } from "./address.ts";
import type { Executor } from "./database.ts";
import type { KeyAccess } from "./data-keys.ts";
import { SealError } from "./errors.ts";
import { protectAll } from "./protect.ts";
import { releaseAll } from "./release-cells.ts";
import type { Release } from "../../door/release.ts";

const SALT = 32;

/** A personal value that an event mentions. */
export interface Committable {
  /** The person whose key guards salt and value. */
  owner: string;
  /** Id of the event. */
  event: string;
  /** Which value of the event: `phone.before`. */
  slot: string;
  value: string;
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
export function commitmentOf(salt: Uint8Array, value: string): string {
  return createHash("sha256").update(salt).update(value, "utf8").digest("hex");
}

/** True when salt and value are those of the commitment. */
export function opensCommitment(commit: string, { salt, value }: CommitmentDetail): boolean {
  const [ours, theirs] = [Buffer.from(commitmentOf(salt, value), "hex"), Buffer.from(commit, "hex")];
  return salt.length === SALT && ours.length === theirs.length && timingSafeEqual(ours, theirs);
}

/** Commits to values and seals salt and value of each, in the transaction of the event. */
export async function commitAll(
  access: KeyAccess,
  db: Executor,
  values: readonly Committable[],
): Promise<Commitment[]> {
  const salted = values.map((value) => ({ ...value, salt: randomBytes(SALT) }));
  const details = await protectAll(
    access,
    db,
    salted.map(({ owner, event, slot, value, salt }) => ({
      ...detailAddress(owner, event, slot),
      purpose: "audit-detail",
      plain: Buffer.concat([salt, Buffer.from(value, "utf8")]),
    })),
  );
  return salted.map(({ salt, value }, at) => {
    const detail = details[at];
    if (detail === undefined) throw new SealError();
    return { commit: commitmentOf(salt, value), detail };
  });
}

/** Opens the details of commitments for a release that covers them (`audit.detail`, slot, event id). */
export async function revealDetails(
  access: KeyAccess,
  db: Executor,
  release: Release,
  details: readonly (Omit<Committable, "value"> & { detail: string })[],
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
