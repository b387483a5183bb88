import type { CellAddress } from "./address.ts";
import type { Executor } from "./database.ts";
import type { KeyAccess } from "./data-keys.ts";
import { sealEnvelope } from "./envelope.ts";
import { keysForSealing } from "./sealing-keys.ts";
import type { Purpose } from "./subjects.ts";

/** A value to be sealed for its place, under the key of its owner and purpose. */
export interface Protectable extends CellAddress {
  purpose: Purpose;
  plain: string | Uint8Array;
}

/**
 * Seals values, in their order, in the caller's transaction. However many there are, the keys take one statement to
 * read and one to make.
 */
export async function protectAll(
  access: KeyAccess,
  db: Executor,
  values: readonly Protectable[],
): Promise<string[]> {
  if (values.length === 0) return [];
  const keyOf = await keysForSealing(access, db, values);
  return values.map((value) => {
    const plain = typeof value.plain === "string" ? Buffer.from(value.plain, "utf8") : value.plain;
    return sealEnvelope(keyOf(value), value, plain);
  });
}
