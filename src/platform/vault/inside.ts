import { timingSafeEqual } from "node:crypto";
import type { SealedCell } from "./address.ts";
import type { Executor } from "./database.ts";
import type { KeyAccess } from "./data-keys.ts";
import { maskOf } from "./masks.ts";
import { type Opened, openCells } from "./open-cells.ts";
import { type Transform, transformRule } from "./transforms.ts";

/** What a page may show of a cell. `text` is empty unless the state is `open`. */
export interface Masked {
  state: Opened["state"];
  text: string;
}

/** The masks of cells, in their order. No plaintext leaves, so no event is owed. */
export async function maskAll(
  access: KeyAccess,
  db: Executor,
  cells: readonly SealedCell[],
): Promise<Masked[]> {
  const opened = await openCells(access, db, cells);
  return opened.map((cell, at) => {
    const type = cells[at]?.type;
    if (cell.state !== "open" || type === undefined) return { state: cell.state, text: "" };
    return { state: "open", text: maskOf(type, cell.plain.toString("utf8")) };
  });
}

/**
 * Which cells hold the value somebody searched for: the re-check behind a truncated blind index. Nothing matches a value
 * that the transform does not accept.
 */
export async function matchAll(
  access: KeyAccess,
  db: Executor,
  cells: readonly SealedCell[],
  transform: Transform,
  value: string,
): Promise<boolean[]> {
  const { normalise } = transformRule(transform);
  const sought = normalise(value);
  if (sought === null) return cells.map(() => false);
  const opened = await openCells(access, db, cells);
  return opened.map((cell) => {
    if (cell.state !== "open") return false;
    const found = normalise(cell.plain.toString("utf8"));
    return found !== null && sameText(found, sought);
  });
}

/** A cell and the value somebody would write into it; null empties it. */
export interface Comparison {
  cell: SealedCell;
  value: string | null;
}

/**
 * Which cells hold exactly the value beside them, so that a form or a file that says what is stored already changes
 * nothing. A cell that does not open holds nothing that could be the same.
 */
export async function sameAll(
  access: KeyAccess,
  db: Executor,
  comparisons: readonly Comparison[],
): Promise<boolean[]> {
  const opened = await openCells(
    access,
    db,
    comparisons.map(({ cell }) => cell),
  );
  return comparisons.map(({ value }, at) => {
    const stored = opened[at];
    if (stored?.state === "empty") return value === null;
    return stored?.state === "open" && value !== null && sameText(stored.plain.toString("utf8"), value);
  });
}

function sameText(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}
