import { z } from "zod";
import { Refusal } from "../../door/refusal.ts";
import type { Tx } from "../../door/tables.ts";
import type { CompiledPolicy } from "../../platform/policy/index.ts";
import { mint } from "../minted.ts";
import { passwordMinimum } from "../params.ts";
import { figuresOf } from "./check.ts";
import type { Hashing } from "./hashing.ts";
import { problemOf } from "./rules.ts";

/** A password that keeps the rules, already hashed. The hash stays out of digests and logs. */
export interface NewPassword {
  hash(): string;
  toJSON(): string;
}

const passwords = mint<NewPassword>();
export const HashedPassword = z.custom<NewPassword>(passwords.is);

/** Checks a new password against the rules and hashes it. Refuses `invalid` at `field`, before any hashing. */
export async function newPassword(
  hashing: Hashing,
  policy: Pick<CompiledPolicy, "params">,
  common: ReadonlySet<string>,
  given: { password: string; names: readonly string[]; field: string },
): Promise<NewPassword> {
  const problem = problemOf(given.password, {
    minimum: policy.params(passwordMinimum),
    names: given.names,
    common,
  });
  if (problem !== null)
    throw new Refusal("invalid", "invalid", { issues: [{ path: given.field, ...problem }] });
  const hash = await hashing.hash(given.password, figuresOf(policy));
  return passwords.make({ hash: () => hash, toJSON: () => "password" });
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
        version: eb("access.password.version", "+", 1),
      })),
    )
    .execute();
}
