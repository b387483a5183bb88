import { Refusal } from "../../door/refusal.ts";
import { isRelease, type Release } from "../../door/release.ts";
import type { SealedCell } from "./address.ts";
import type { Executor } from "./database.ts";
import type { KeyAccess } from "./data-keys.ts";
import { type Opened, openCells } from "./open-cells.ts";

/**
 * Plaintext for a person on a screen. Needs the door's release, which exists only once the event of this look is
 * committed, and opens nothing that the release does not list. Empty fields are null. Refuses a restricted key without
 * a legal basis in the release, a shredded key, a cell that does not open, and a release that was made for a recipient.
 */
export async function revealAll(
  access: KeyAccess,
  db: Executor,
  release: Release,
  cells: readonly SealedCell[],
): Promise<(string | null)[]> {
  if (!isRelease(release) || release.recipient !== null) throw notReleased();
  return (await releaseAll(access, db, release, cells)).map(asText);
}

/** Plaintext for a named recipient (a waybill, a mail, an export): as `revealAll`, and the event must name the same. */
export async function discloseAll(
  access: KeyAccess,
  db: Executor,
  release: Release,
  recipient: string,
  cells: readonly SealedCell[],
): Promise<(string | null)[]> {
  if (!isRelease(release) || release.recipient !== recipient) throw notReleased();
  return (await releaseAll(access, db, release, cells)).map(asText);
}

/** The bytes of released cells, for values that are no text. */
export async function releaseAll(
  access: KeyAccess,
  db: Executor,
  release: Release,
  cells: readonly SealedCell[],
): Promise<(Buffer | null)[]> {
  if (!isRelease(release) || !cells.every((cell) => release.covers(cell))) throw notReleased();
  return (await openCells(access, db, cells, release.legalBasis)).map(plainOf);
}

function plainOf(cell: Opened): Buffer | null {
  switch (cell.state) {
    case "open":
      return cell.plain;
    case "empty":
      return null;
    case "sealed":
      throw new Refusal("frozen", "vault_key_restricted");
    case "shredded":
      throw new Refusal("not-found", "vault_key_shredded");
    default:
      throw new Refusal("unavailable", "vault_unreadable");
  }
}

function asText(plain: Buffer | null): string | null {
  return plain?.toString("utf8") ?? null;
}

function notReleased(): Refusal {
  return new Refusal("denied", "vault_not_released");
}
