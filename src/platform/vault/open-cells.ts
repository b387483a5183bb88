import type { KeyObject } from "node:crypto";
import type { SealedCell } from "./address.ts";
import type { Executor } from "./database.ts";
import { forSize, type KeyAccess, type KeyRow, readKeys, unwrapKeys } from "./data-keys.ts";
import { openEnvelope, type ParsedEnvelope, parseEnvelope } from "./envelope.ts";
import { SealError } from "./errors.ts";

/** Cells worked on at a time: their keys and pieces are gone again before the next ones come. */
const CHUNK = 50;

/**
 * A cell as the vault sees it inside. `sealed`: its owner's key is restricted and no legal basis was named.
 * `unreadable`: damaged, moved from another place, or tampered with.
 */
export type Opened =
  | { state: "open"; plain: Buffer }
  | { state: "empty" | "sealed" | "shredded" | "unreadable" };

/**
 * Opens cells for an operation inside the vault; never exported from it. One statement reads the state of every key
 * concerned, also of those whose bytes are cached. One bad cell says so of itself and leaves the others alone.
 */
export async function openCells(
  access: KeyAccess,
  db: Executor,
  cells: readonly SealedCell[],
  legalBasis: string | null = null,
): Promise<Opened[]> {
  const parsed = cells.map(parseQuietly);
  const found = await readKeys(
    db,
    parsed.flatMap((envelope) => envelope?.dekId ?? []),
  );
  const rows = parsed.map((envelope) => found.get(envelope?.dekId ?? ""));
  const opened: Opened[] = [];
  while (opened.length < cells.length) {
    const from = opened.length;
    const until = Math.min(from + CHUNK, cells.length);
    const keys = await unwrapKeys(forSize(access, found.size), rows.slice(from, until));
    for (let at = from; at < until; at += 1)
      opened.push(openOne(cells[at], parsed[at], rows[at], keys, legalBasis));
  }
  return opened;
}

function openOne(
  cell: SealedCell | undefined,
  envelope: ParsedEnvelope | null | undefined,
  row: KeyRow | undefined,
  keys: ReadonlyMap<KeyRow, KeyObject>,
  legalBasis: string | null,
): Opened {
  if (cell === undefined || cell.envelope === null) return { state: "empty" };
  if (!envelope || row === undefined || row.subject !== cell.subject) return { state: "unreadable" };
  if (row.state === "shredded") return { state: "shredded" };
  if (row.state === "restricted" && legalBasis === null) return { state: "sealed" };
  const key = keys.get(row);
  if (key === undefined) return { state: "unreadable" };
  try {
    return { state: "open", plain: openEnvelope({ dekId: row.dekId, key }, cell, envelope) };
  } catch (error) {
    if (error instanceof SealError) return { state: "unreadable" };
    throw error;
  }
}

function parseQuietly(cell: SealedCell): ParsedEnvelope | null {
  if (cell.envelope === null) return null;
  try {
    return parseEnvelope(cell.envelope);
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
}
