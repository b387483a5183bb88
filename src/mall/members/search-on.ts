import { z } from "zod";
import { Refusal } from "../../door/refusal.ts";
import type { Tx } from "../../door/tables.ts";
import { SealError, type Vault } from "../../platform/vault/index.ts";
import { type Cursor, readCursor, writeCursor } from "./cursor.ts";

const LABEL = "door.search";

export const searchKinds = ["phone", "email", "name", "last_four", "member_no"] as const;
export type SearchKind = (typeof searchKinds)[number];

/** What is looked for, and after which candidate; null from the first. */
export interface Sought {
  by: SearchKind;
  text: string;
  after: Cursor | null;
}

/** A search that was made: its page can be asked for again until then, and `next` is where it goes on. */
export interface Made extends Sought {
  next: Cursor | null;
  until: Date;
}

const Place = z.string().nullable();
const Kept = z.object({
  by: z.enum(searchKinds),
  text: z.string(),
  after: Place,
  next: Place,
  until: z.int(),
});

/** Seals a search for an address and for the form that goes on with it: neither shows what was looked for. One person's only. */
export async function sealSearch(tx: Tx, vault: Vault, person: string, of: Made): Promise<string> {
  const place = (cursor: Cursor | null) => (cursor === null ? null : writeCursor(cursor));
  const kept: z.output<typeof Kept> = {
    by: of.by,
    text: of.text,
    after: place(of.after),
    next: place(of.next),
    until: of.until.getTime(),
  };
  return await vault.seal(tx, LABEL, Buffer.from(JSON.stringify(kept)), person);
}

/** Opens what `sealSearch` gave the same person. Refuses `invalid` for anything else. */
export async function openSearch(tx: Tx, vault: Vault, person: string, sealed: string): Promise<Made> {
  const place = (text: string | null) => (text === null ? null : readCursor(text));
  try {
    const bytes = await vault.unseal(tx, LABEL, sealed, person);
    const { by, text, after, next, until } = Kept.parse(JSON.parse(bytes.toString()));
    return { by, text, after: place(after), next: place(next), until: new Date(until) };
  } catch (cause) {
    if (cause instanceof SealError) refuseSearch(cause);
    throw cause;
  }
}

/** What was sent is no search of this person, or none that may still be used so. */
export function refuseSearch(cause?: unknown): never {
  throw new Refusal("invalid", "invalid", { issues: [{ path: "text", code: "format" }], cause });
}
