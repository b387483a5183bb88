/** How many members share something. `count` is null where showing it would show a few people. */
export interface Cell {
  group: string;
  count: number | null;
}

/**
 * Withholds counts under `smallest`, and then the next smallest, until the withheld are at least two groups and together at
 * least `smallest` members: the total is public, so a single hole could be filled by subtraction (complementary
 * suppression). Under `smallest` members in all, everything is withheld. Empty groups are no people and are left out.
 */
export function suppress(counts: ReadonlyMap<string, number>, smallest: number): Cell[] {
  const peopled = [...counts].filter(([, count]) => count > 0);
  const hidden = new Set<string>();
  let people = 0;
  for (const [group, count] of peopled.toSorted(([, a], [, b]) => a - b)) {
    const safe = hidden.size === 0 || (hidden.size >= 2 && people >= smallest);
    if (count >= smallest && safe) break;
    hidden.add(group);
    people += count;
  }
  return peopled.map(([group, count]) => ({ group, count: hidden.has(group) ? null : count }));
}
