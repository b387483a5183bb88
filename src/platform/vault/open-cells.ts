import type { SealedCell } from "./address.ts";
import type { Executor } from "./database.ts";
import { type KeyAccess, type KeyRow, readKeys, unwrapKeys } from "./data-keys.ts";
import { type DataKey, openEnvelope, type ParsedEnvelope, parseEnvelope } from "./envelope.ts";
import { SealError } from "./errors.ts";

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
  const rows = await readKeys(
    db,
    parsed.flatMap((envelope) => (envelope === null ? [] : [envelope.dekId])),
  );
  const keys = await unwrapKeys(access, rows.values());
  return cells.map((cell, at) => {
    if (cell.envelope === null) return { state: "empty" };
    const envelope = parsed[at];
    const row = envelope ? rows.get(envelope.dekId) : undefined;
    if (!envelope || row === undefined || row.subject !== cell.subject) return { state: "unreadable" };
    return openOne(cell, envelope, row, keys.get(row.dekId), legalBasis);
  });
}

function openOne(
  cell: SealedCell,
  envelope: ParsedEnvelope,
  row: KeyRow,
  key: DataKey | undefined,
  legalBasis: string | null,
): Opened {
  if (row.state === "shredded") return { state: "shredded" };
  if (row.state === "restricted" && legalBasis === null) return { state: "sealed" };
  if (key === undefined) return { state: "unreadable" };
  try {
    return { state: "open", plain: openEnvelope(key, cell, envelope) };
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
