import { sql } from "kysely";
import { z } from "zod";
import type { Tx } from "../../door/tables.ts";
import type { CompiledPolicy } from "../../platform/policy/index.ts";
import { mint } from "../minted.ts";
import { argon2MemoryMib, argon2Passes, hashesAtATime } from "../params.ts";
import type { HashFigures, Hashing } from "./hashing.ts";

/** A password that was tried against somebody's. Checked before the transaction, which must not wait for argon2. */
export interface PasswordCheck {
  /** Null when nobody has that login. */
  person: string | null;
  right: boolean;
  /** Which hash it was tried against: when it has changed since, the check says nothing any more. */
  version: number;
  /** A new hash under the figures in force, when the stored one is older. */
  rehashed: string | null;
  /** Tries that were counted before this one, and had failed. */
  failures: number;
}

const checks = mint<PasswordCheck>();
export const CheckedPassword = z.custom<PasswordCheck>(checks.is);

export const figuresOf = (policy: Pick<CompiledPolicy, "params">): HashFigures => ({
  memoryMib: policy.params(argon2MemoryMib),
  passes: policy.params(argon2Passes),
  atATime: policy.params(hashesAtATime),
});

/**
 * Tries a password. The work is the same for a person, for nobody, and for somebody who has no password.
 * `person` null tries it against a dummy.
 */
export async function checkPassword(
  hashing: Hashing,
  db: Tx,
  policy: Pick<CompiledPolicy, "params">,
  attempt: { person: string | null; password: string; failures: number },
): Promise<PasswordCheck> {
  const figures = figuresOf(policy);
  const { rows } = await sql<{ hash: string; version: number }>`
    SELECT hash, version FROM access.password_of(${attempt.person})`.execute(db);
  const stored = rows[0];
  const right = await hashing.verify(stored?.hash ?? null, attempt.password, figures);
  const old = right && stored !== undefined && hashing.isOld(stored.hash, figures);
  return checks.make({
    person: attempt.person,
    right,
    version: stored?.version ?? 0,
    rehashed: old ? await hashing.hash(attempt.password, figures) : null,
    failures: attempt.failures,
  });
}

/** Inside the transaction: whether the check still holds. */
export async function stillRight(tx: Tx, check: PasswordCheck, person: string): Promise<boolean> {
  if (!check.right || check.person !== person) return false;
  const stored = await tx
    .selectFrom("access.password")
    .select("version")
    .where("person_id", "=", person)
    .where("ended_at", "is", null)
    .executeTakeFirst();
  return stored?.version === check.version;
}
