import type { KeyObject } from "node:crypto";
import type { CellAddress } from "./address.ts";
import type { Executor } from "./database.ts";
import type { KeyAccess } from "./data-keys.ts";
import { SealError } from "./errors.ts";
import { openCells } from "./open-cells.ts";
import { pae } from "./pae.ts";
import { hmac } from "./primitives.ts";
import { protectAll } from "./protect.ts";
import { systemOf, systemSubjects } from "./subjects.ts";

/**
 * Seals what the program itself must keep for a while and that may hold personal data. `label` says what it is
 * (`door.result`, `staff.totp`); with `id` it opens for that row only.
 */
export async function sealSystem(
  access: KeyAccess,
  db: Executor,
  label: string,
  plain: Uint8Array,
  id = "",
): Promise<string> {
  const [sealed] = await protectAll(access, db, [{ ...placeOf(label, id), purpose: systemOf(label), plain }]);
  if (sealed === undefined) throw new SealError();
  return sealed;
}

/** Opens what `sealSystem` gave for the same label and id; `SealError` for anything else. */
export async function unsealSystem(
  access: KeyAccess,
  db: Executor,
  label: string,
  sealed: string,
  id = "",
): Promise<Buffer> {
  const [opened] = await openCells(access, db, [{ ...placeOf(label, id), envelope: sealed }]);
  if (opened?.state !== "open") throw new SealError();
  return opened.plain;
}

/** HMAC-SHA-256 of bytes under the label: equality without content, for inputs that hold personal data. */
export function keyedDigest(key: KeyObject, label: string, bytes: Uint8Array): Buffer {
  return hmac(key, pae([label, bytes]));
}

/** The second way out of the vault, and why it is none: only labels of the program open here, never a person's cell. */
function placeOf(label: string, id: string): CellAddress {
  return {
    subject: systemSubjects[systemOf(label)],
    table: "system",
    column: label,
    rowId: id,
    type: "bytes",
  };
}
