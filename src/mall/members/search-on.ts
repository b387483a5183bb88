import { z } from "zod";
import { Refusal } from "../../door/refusal.ts";
import type { Tx } from "../../door/tables.ts";
import { SealError, type Vault } from "../../platform/vault/index.ts";
import { type Cursor, readCursor, writeCursor } from "./cursor.ts";

const LABEL = "door.search";

const Kept = z.object({
  by: z.enum(["phone", "email", "name", "last_four"]),
  text: z.string(),
  at: z.string(),
});

/** A search in the middle: what it looks for, and after which candidate it goes on. */
export interface Unfinished {
  by: z.output<typeof Kept>["by"];
  text: string;
  after: Cursor;
}

/** Seals a search for the page that offers to go on with it: the value looked for is not repeated there. One person's only. */
export async function sealSearch(tx: Tx, vault: Vault, person: string, of: Unfinished): Promise<string> {
  const kept: z.output<typeof Kept> = { by: of.by, text: of.text, at: writeCursor(of.after) };
  return await vault.seal(tx, LABEL, Buffer.from(JSON.stringify(kept)), person);
}

/** Opens what `sealSearch` gave the same person. Refuses `invalid` for anything else. */
export async function openSearch(tx: Tx, vault: Vault, person: string, sealed: string): Promise<Unfinished> {
  try {
    const bytes = await vault.unseal(tx, LABEL, sealed, person);
    const { at, ...of } = Kept.parse(JSON.parse(bytes.toString()));
    return { ...of, after: readCursor(at) };
  } catch (cause) {
    if (cause instanceof SealError)
      throw new Refusal("invalid", "invalid", { issues: [{ path: "text", code: "format" }], cause });
    throw cause;
  }
}
