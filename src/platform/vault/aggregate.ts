import type { SealedCell } from "./address.ts";
import type { Executor } from "./database.ts";
import type { KeyAccess } from "./data-keys.ts";
import { openCells } from "./open-cells.ts";
import { type Statistics, suppress } from "./suppress.ts";

/** No caller gets counts of fewer people than this, whatever it asks for. */
const FEWEST = 3;

/** The group of what is empty, restricted, shredded, damaged, or of no group that the grouping knows. */
const UNKNOWN = "unknown";

/** Ways to sort people into groups that are large enough to name nobody. */
const groupings = {
  sex: (value: string) => (["female", "male", "other"].includes(value) ? value : UNKNOWN),
  /** `1990` for everyone born from 1990 to 1999. */
  "birth-decade": (value: string) => (/^\d{4}-/.test(value) ? `${value.slice(0, 3)}0` : UNKNOWN),
} satisfies Record<string, (value: string) => string>;
export type Grouping = keyof typeof groupings;

/**
 * Counts cells by group without letting a value out, nor a count that shows a few people. Batches come as the caller reads
 * them (500 rows, say), so that a hundred thousand members never lie in memory together. What does not open is counted as
 * `unknown`, and hidden like any other group. `RangeError` for a `smallest` under three.
 */
export async function aggregateAll(
  access: KeyAccess,
  db: Executor,
  batches: AsyncIterable<readonly SealedCell[]> | Iterable<readonly SealedCell[]>,
  by: Grouping,
  smallest: number,
): Promise<Statistics> {
  if (smallest < FEWEST) throw new RangeError(`groups of ${smallest} are people, not statistics`);
  const counts = new Map<string, number>();
  for await (const batch of batches) {
    for (const cell of await openCells(access, db, batch)) {
      const group = cell.state === "open" ? groupings[by](cell.plain.toString("utf8")) : UNKNOWN;
      counts.set(group, (counts.get(group) ?? 0) + 1);
    }
  }
  return suppress(counts, smallest);
}
