import { z } from "zod";
import { Refusal } from "../../door/refusal.ts";
import type { Tx } from "../../door/tables.ts";
import type { CompiledPolicy } from "../../platform/policy/index.ts";
import { mint } from "../minted.ts";
import { passwordMinimum } from "../params.ts";
import { figuresOf } from "./check.ts";
import type { Blocklist } from "./common.ts";
import type { Hashing } from "./hashing.ts";
import { fingerprintOf } from "../secrets.ts";
import { type PasswordProblem, problemOf } from "./rules.ts";

/** A new password: already hashed, or what is wrong with it. The hash stays out of digests and logs. */
export interface NewPassword {
  hash(): string | null;
  problem(): PasswordProblem | null;
  toJSON(): string;
}

const passwords = mint<NewPassword>();
export const HashedPassword = z.custom<NewPassword>(passwords.is);

/** Checks a new password against the rules, and hashes it when it keeps them, before any transaction. */
export async function newPassword(
  hashing: Hashing,
  policy: Pick<CompiledPolicy, "params">,
  blocklist: Blocklist,
  given: { password: string; names: readonly string[] },
): Promise<NewPassword> {
  const minimum = policy.params(passwordMinimum);
  const problem = problemOf(given.password, { minimum, names: given.names, ...blocklist });
  const hash = problem === null ? await hashing.hash(given.password, figuresOf(policy)) : null;
  return passwords.make({
    hash: () => hash,
    problem: () => problem,
    toJSON: () => fingerprintOf(given.password),
  });
}

/** The hash of an acceptable password. Refuses `invalid` at `field` with the rule that it breaks. */
export function hashOf(password: NewPassword, field: string): string {
  const hash = password.hash();
  if (hash !== null) return hash;
  const problem = password.problem() ?? { code: "required" };
  throw new Refusal("invalid", "invalid", { issues: [{ path: field, ...problem }] });
}

/** Stores it; the version counts up, which makes checks of the old one worthless. */
export async function storePassword(tx: Tx, person: string, hash: string, now: Date): Promise<void> {
  await tx
    .insertInto("access.password")
    .values({ person_id: person, hash, changed_at: now })
    .onConflict((c) =>
      c.column("person_id").doUpdateSet((eb) => ({
        hash,
        changed_at: now,
        ended_at: null,
        version: eb("access.password.version", "+", 1),
      })),
    )
    .execute();
}

/** The password opens nothing any more; only a one-time link sets the next. Checks that were made of it are worthless. */
export async function endPassword(tx: Tx, person: string, now: Date): Promise<void> {
  await tx
    .updateTable("access.password")
    .set((eb) => ({ ended_at: now, version: eb("version", "+", 1) }))
    .where("person_id", "=", person)
    .execute();
}
