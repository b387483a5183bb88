import type { SealedCell } from "./address.ts";
import type { Executor } from "./database.ts";
import type { KeyAccess } from "./data-keys.ts";
import { openCells } from "./open-cells.ts";

/** Ways to sort people into groups that are large enough to name nobody. */
const groupings = {
  sex: (value: string) => (["female", "male", "other"].includes(value) ? value : "unknown"),
  /** `1990` for everyone born from 1990 to 1999. */
  "birth-decade": (value: string) => (/^\d{4}-/.test(value) ? `${value.slice(0, 3)}0` : "unknown"),
} satisfies Record<string, (value: string) => string>;
export type Grouping = keyof typeof groupings;

export interface Statistics {
  /** In the order of their names. `count` is null where showing it would show a few people. */
  groups: { group: string; count: number | null }[];
  /** Null when the total would give a hidden count away. */
  total: number | null;
  /** Cells that are empty, restricted, shredded or damaged: in no group. */
  unread: number;
}

/**
 * Counts cells by group without letting a value out. Batches come as the caller reads them (500 rows, say), so that
 * a hundred thousand members never lie in memory together. Groups under `smallest` people are hidden.
 */
export async function aggregateAll(
  access: KeyAccess,
  db: Executor,
  batches: AsyncIterable<readonly SealedCell[]> | Iterable<readonly SealedCell[]>,
  by: Grouping,
  smallest: number,
): Promise<Statistics> {
  const counts = new Map<string, number>();
  let unread = 0;
  for await (const batch of batches) {
    for (const cell of await openCells(access, db, batch)) {
      if (cell.state === "open") {
        const group = groupings[by](cell.plain.toString("utf8"));
        counts.set(group, (counts.get(group) ?? 0) + 1);
      } else unread += 1;
    }
  }
  return { ...suppress(counts, smallest), unread };
}

/**
 * Hides counts under `smallest`, and then the next smallest ones, until the hidden together are at least two groups and
 * `smallest` people: otherwise total minus the shown would give the hidden away.
 */
export function suppress(counts: ReadonlyMap<string, number>, smallest: number): Omit<Statistics, "unread"> {
  const rising = [...counts].toSorted(([, a], [, b]) => a - b);
  const hidden = new Set<string>();
  let people = 0;
  for (const [group, count] of rising) {
    const safe = hidden.size === 0 || (hidden.size >= 2 && people >= smallest);
    if (count >= smallest && safe) break;
    hidden.add(group);
    people += count;
  }
  const solvable = hidden.size === 1 || (hidden.size > 0 && people < smallest);
  const groups = [...counts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, count]) => ({ group, count: hidden.has(group) ? null : count }));
  return { groups, total: solvable ? null : rising.reduce((sum, [, count]) => sum + count, 0) };
}
