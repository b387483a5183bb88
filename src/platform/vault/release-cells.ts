import { Refusal } from "../../door/refusal.ts";
import { isRelease, type Release } from "../../door/release.ts";
import type { SealedCell } from "./address.ts";
import type { Executor } from "./database.ts";
import type { KeyAccess } from "./data-keys.ts";
import { openCells } from "./open-cells.ts";

/**
 * Plaintext for a person on a screen. Needs the door's release, which exists only once the event of this look is
 * committed, and opens nothing that the release does not list. Empty fields are null. Refuses a restricted key without
 * a legal basis in the release, a shredded key, and a cell that does not open.
 */
export async function revealAll(
  access: KeyAccess,
  db: Executor,
  release: Release,
  cells: readonly SealedCell[],
): Promise<(string | null)[]> {
  const opened = await releaseAll(access, db, release, cells);
  return opened.map((plain) => plain?.toString("utf8") ?? null);
}

/** Plaintext for a named recipient (a waybill, a mail, an export): as `revealAll`, and the event must name the same. */
export async function discloseAll(
  access: KeyAccess,
  db: Executor,
  release: Release,
  recipient: string,
  cells: readonly SealedCell[],
): Promise<(string | null)[]> {
  if (!isRelease(release) || release.recipient !== recipient)
    throw new Refusal("denied", "vault_not_released");
  return await revealAll(access, db, release, cells);
}

/** The bytes of released cells, for values that are no text. */
export async function releaseAll(
  access: KeyAccess,
  db: Executor,
  release: Release,
  cells: readonly SealedCell[],
): Promise<(Buffer | null)[]> {
  if (!isRelease(release) || !cells.every((cell) => release.covers(cell))) {
    throw new Refusal("denied", "vault_not_released");
  }
  const opened = await openCells(access, db, cells, release.legalBasis);
  return opened.map((cell) => {
    switch (cell.state) {
      case "open":
        return cell.plain;
      case "empty":
        return null;
      case "sealed":
        throw new Refusal("frozen", "vault_key_restricted");
      case "shredded":
        throw new Refusal("not-found", "vault_key_shredded");
      case "unreadable":
        throw new Refusal("unavailable", "vault_unreadable");
    }
  });
}
